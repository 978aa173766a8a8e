import type { Scan } from '../messages/scan.ts';
import { CEILING_RUN, ceilingOf, DOUBTFUL_RUN } from './ceiling.ts';
import { findJumps } from './find-jumps.ts';

const SIGNALS = { MU: ['mu'], TRANSMISSION: ['i0', 'it'], FLUORESCENCE: ['i0', 'if'] } as const;

/** More places are not listed. */
const MOST_LISTED = 3;

/**
 * What makes a spectrum doubtful that can still be read, a sentence each that begins with its code: `clipped-maximum`,
 * `coarse-counts`, `jump`.
 * @param mu over its edge step, [points]
 * @param metalEdgeEv where the element's metal has its edge, on the scan's own scale
 */
export function findDefects(scan: Scan, mu: Float64Array, metalEdgeEv: number): string[] {
  const { energyEv, mode } = scan;
  const channels = SIGNALS[mode].flatMap((name) => {
    const { run, at, isCoarse } = ceilingOf(scan[name]!);
    if (run < DOUBTFUL_RUN || run === energyEv.length) return [];
    if (isCoarse)
      return run < CEILING_RUN
        ? []
        : [`coarse-counts: ${name} takes few values, ${run} points in a row have its largest; it is not cut`];
    const atEv = energyEv[at]!.toFixed(1);
    return [
      `clipped-maximum: ${run} points of ${name} from ${atEv} eV on have its largest value; it may be cut`,
    ];
  });
  const jumps = findJumps(energyEv, mu, metalEdgeEv);
  if (jumps.length === 0) return channels;
  const places = jumps.slice(0, MOST_LISTED).map((ev) => ev.toFixed(1));
  const more = jumps.length > MOST_LISTED ? ` and ${jumps.length - MOST_LISTED} more` : '';
  return [...channels, `jump: mu is another one behind ${places.join(', ')} eV${more}, all at once`];
}
