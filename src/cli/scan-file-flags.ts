/** Flags that say what files of columns measured and which column is which, as `readScanFiles` takes them. */
export const SCAN_FILE_FLAGS = {
  element: { type: 'string' },
  edge: { type: 'string' },
  energy: { type: 'string' },
  i0: { type: 'string' },
  it: { type: 'string' },
  if: { type: 'string' },
  mu: { type: 'string' },
  reference: { type: 'string' },
  'read-seconds': { type: 'string' },
} as const;

/** Of `--read-seconds`, where it is given. Throws an Error that names the flag. */
export function readSecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new Error(`Expected --read-seconds to be a number > 0 and at most ${MOST_SECONDS}, got ${text}`);
}

/** A day. */
const MOST_SECONDS = 86_400;
