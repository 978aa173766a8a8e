import { parted } from './fortran.ts';
import type { KnownHeader } from './header.ts';

/** X10C of the NSLS: `EXAFS` and a date, segments whose sixth number is the edge, `DATA START`, eV and counters. */
export function readX10cHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^EXAFS\s/i.test(lines[0] ?? '')) return null;
  const from = lines.findIndex((line) => /^\s+DATA START/i.test(line)) + 1;
  if (from === 0) return null;
  const segments = lines.findIndex((line) => /^\s+SEGMENT PARAMETERS/i.test(line));
  const e0Ev = Number((lines[segments + 1] ?? '').trim().split(/\s+/)[5]);
  return {
    of: 'X10C',
    columns: ['energy eV', 'clock', 'i0_before_mirror', 'i0', 'counter_4', 'itrans', 'irefer', 'counter_7'],
    ...(segments >= 0 && e0Ev > 0 && { e0Ev }),
    ...{ from, points: (rest) => rest.map(parted) },
  };
}
