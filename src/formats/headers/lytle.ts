import { parted } from './fortran.ts';
import type { KnownHeader } from './header.ts';

/**
 * Farrel Lytle's database: a line of names and one of what they are (DSPACE in angstrom, STPDEG steps of the
 * monochromator a degree), a title, then steps, I0, transmission, fluorescence, reference.
 */
export function readLytleHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^\s*NPTS\s+NS\s+CUEDGE\s+CUHITE\b/.test(lines[0] ?? '')) return null;
  const [, , , , dSpacing = Number.NaN, steps = Number.NaN] = (lines[1] ?? '')
    .trim()
    .split(/\s+/)
    .map(Number);
  const from = lines.findIndex((line, i) => i > 1 && /^[\s\d.E+-]+$/.test(line) && line.trim() !== '');
  if (from < 0 || !(dSpacing > 0) || !(steps > 0)) return null;
  const inDegrees = (line: string) => line.replace(/^\s*(\S+)/, (_, step) => String(Number(step) / steps));
  return {
    of: "Lytle's database",
    columns: ['angle deg', 'i0', 'itrans', 'ifluor', 'irefer'],
    ...{ dSpacing, from },
    points: (rest) => rest.map((line) => inDegrees(parted(line))),
  };
}
