import type { KnownHeader } from './header.ts';

/** Names are set in columns of so many characters, longer ones cut off. */
const WIDTH = 21;

/** The LabVIEW Control Panel of sectors 9 and 20 of the APS: names with spaces in them, in columns of equal width. */
export function readLabviewHeader(lines: readonly string[]): KnownHeader | null {
  if (!/LabVIEW Control Panel/.test(lines[0] ?? '')) return null;
  const heading = lines.findIndex((line) => /^#\s*Column Headings:/.test(line));
  const names = lines[heading + 1];
  if (heading < 0 || names === undefined) return null;
  const columns: string[] = [];
  for (let at = 1; at < names.length; at += WIDTH) {
    const name = names.slice(at, at + WIDTH).trim();
    if (name === '') break;
    columns.push(name.replace(/\s*\*$/, '').replaceAll(/\s+/g, '_'));
  }
  return { of: "the APS' LabVIEW Control Panel", columns, from: heading + 2 };
}
