import type { KnownHeader } from './header.ts';

/** Counters by which sector 10 of the APS names its chambers in older files. */
const COUNTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mcs3: 'i0',
    mcs4: 'itrans',
    mcs5: 'irefer',
    mcs6: 'ifluor',
  }),
);

/** MRCAT's and NSLS' XDAC: a line of dashes, the names of the columns, then numbers. */
export function readMrcatHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^[#\s]*(?:MRCAT_XAFS|XDAC)\b/.test(lines[0] ?? '')) return null;
  const dashes = lines.findIndex((line) => /^[#\s]*-{20,}\s*$/.test(line));
  const names = lines[dashes + 1];
  if (dashes < 0 || names === undefined) return null;
  const words = names.replace(/^[#\s]+/, '').toLowerCase();
  const columns = words
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => COUNTERS.get(word) ?? word);
  return { of: 'XDAC', columns, from: dashes + 2 };
}
