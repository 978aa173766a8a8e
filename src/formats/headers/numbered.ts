import type { KnownHeader } from './header.ts';

/** A comment that names the columns with their numbers, as sector 12 of the APS does: `1_Energy (keV) 2_sec 3_i0`. */
export function readNumberedHeader(lines: readonly string[]): KnownHeader | null {
  const at = lines.findIndex((line) => /^#\S*\s+1_[A-Za-z].*\s2_[A-Za-z]/.test(line));
  if (at < 0) return null;
  const columns = Array.from(
    lines[at]!.matchAll(/\b(\d+)_(\S+)(?:\s+\((\w+)\))?/g),
    ([, , name, unit = '']) => `${name} ${unit}`.trim(),
  );
  return { of: 'numbered columns', columns, from: at + 1 };
}
