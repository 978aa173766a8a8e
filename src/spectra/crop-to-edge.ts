import { CHANNEL_NAMES, type Scan } from '../messages/scan.ts';
import { lowerBound } from './lower-bound.ts';

/** An edge that is further from the element's own than this is another's. */
const OTHERS_BEYOND_EV = 60;
/** So much is left out before an edge above, and after an edge below. */
const BEFORE_EV = 30;
const AFTER_EV = 60;

/**
 * The part of a sweep over several edges that belongs to one: down to behind another edge below it, or up to before
 * another above it. Null where the other edge is not another's, or where hardly anything would be left.
 * @param ownEv about where the element has its edge; @param otherEv where the scan's steepest rise is
 */
export function cropToEdge(
  scan: Scan,
  ownEv: number,
  otherEv: number,
): { readonly scan: Scan; readonly note: string } | null {
  const { energyEv } = scan;
  if (Math.abs(otherEv - ownEv) < OTHERS_BEYOND_EV) return null;
  const [from, to] =
    otherEv > ownEv
      ? [0, lowerBound(energyEv, otherEv - BEFORE_EV)]
      : [lowerBound(energyEv, otherEv + AFTER_EV), energyEv.length];
  if (to - from < 20 || !(energyEv[from]! < ownEv && energyEv[to - 1]! > ownEv)) return null;
  const part = (values: Float64Array | null) => values?.slice(from, to) ?? null;
  return {
    scan: {
      ...scan,
      ...Object.fromEntries(CHANNEL_NAMES.map((name) => [name, part(scan[name])])),
      energyEv: energyEv.slice(from, to),
    },
    note:
      `the scan goes over another edge at ${otherEv.toFixed(0)} eV: only ` +
      `${energyEv[from]!.toFixed(0)} to ${energyEv[to - 1]!.toFixed(0)} eV are read`,
  };
}
