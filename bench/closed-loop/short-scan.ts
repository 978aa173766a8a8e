import type { Scan } from '../../src/messages/scan.ts';

/** The same scan as it would be when it ended at an energy, eV. */
export function endedAt(scan: Scan, toEv: number): Scan {
  const end = scan.energyEv.findIndex((energy) => energy > toEv);
  if (end < 0) return scan;
  const cut = (values: Float64Array | null) => values?.slice(0, end) ?? null;
  return {
    ...scan,
    ...{ energyEv: scan.energyEv.slice(0, end), mu: cut(scan.mu), i0: cut(scan.i0), it: cut(scan.it) },
  };
}
