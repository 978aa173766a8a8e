import type { Scan } from '../../src/messages/scan.ts';
import { exampleScan } from '../faults/scans.ts';

/**
 * One record of a monochromator that swings: up, down, up, down.
 * @param broken which of its sweeps have no numbers at the edge, from 0
 */
export function swing(number: number, sweeps: number, broken: readonly number[] = []): Scan {
  const scan = exampleScan('quick', number);
  const points = scan.energyEv.length;
  const swung = (values: Float64Array) =>
    Float64Array.from({ length: sweeps * points }, (_, i) => {
      const at = i % points;
      return values[Math.floor(i / points) % 2 === 0 ? at : points - 1 - at]!;
    });
  const mu = swung(scan.mu!);
  for (const sweep of broken) mu.fill(Number.NaN, sweep * points + 40, sweep * points + 60);
  return { ...scan, energyEv: swung(scan.energyEv), mu, sequence: sweeps * number };
}
