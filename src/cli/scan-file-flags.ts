/** Flags that say what files measured and where in them it stands. */
export const SCAN_FILE_FLAGS = {
  element: { type: 'string' },
  edge: { type: 'string' },
  energy: { type: 'string' },
  i0: { type: 'string' },
  it: { type: 'string' },
  if: { type: 'string' },
  mu: { type: 'string' },
  reference: { type: 'string' },
  path: { type: 'string' },
  offset: { type: 'string' },
  'read-seconds': { type: 'string' },
} as const;

type ScanFileFlags = { readonly [Flag in keyof typeof SCAN_FILE_FLAGS]?: string | undefined };

/** They as `readScanFiles` takes them. Throws an Error that names the flag that is wrong. */
export function scanFileOptions(flags: ScanFileFlags) {
  const { element, edge, energy, i0, it, if: fluorescence, mu, reference, path } = flags;
  return {
    ...{ element, edge, energy, i0, it, if: fluorescence, mu, reference, path },
    offsetEv: offsetOf(flags.offset),
    readSeconds: readSecondsOf(flags['read-seconds']),
  };
}

function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new Error(`Expected --offset to be a number of eV, got ${text}`);
}

function readSecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new Error(`Expected --read-seconds to be a number > 0 and at most ${MOST_SECONDS}, got ${text}`);
}

/** A day. */
const MOST_SECONDS = 86_400;
