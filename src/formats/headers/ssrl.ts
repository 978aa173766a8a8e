import type { KnownHeader } from './header.ts';

/** SSRL's EXAFS and MicroEXAFS Data Collector, in text: after `Data:` a line a column, an empty one, numbers. */
export function readSsrlHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^\s*SSRL\b.*EXAFS Data Collector/i.test(lines[0] ?? '')) return null;
  const data = lines.findIndex((line) => /^\s*Data:\s*$/.test(line));
  const empty = lines.findIndex((line, i) => i > data && line.trim() === '');
  if (data < 0 || empty < 0) return null;
  const columns = lines
    .slice(data + 1, empty)
    .map((line) => line.trim().toLowerCase().replaceAll(/\s+/g, '_'));
  return { of: "SSRL's Data Collector", columns, from: empty + 1 };
}
