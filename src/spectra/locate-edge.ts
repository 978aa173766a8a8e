import { type Reject, reject } from '../messages/reject.ts';
import { findE0 } from './find-e0.ts';
import { lowerBound } from './lower-bound.ts';
import { meanBetween } from './normalise.ts';

/** How far below and above the metal's edge E0 may lie: chromate has it 17 eV above chromium metal. */
const WINDOW_BELOW_EV = 15;
const WINDOW_ABOVE_EV = 40;

/**
 * Index of E0 within the window around the metal's edge, or a reject where mu does not rise there by more than chance.
 *
 * E0 is larch's over the whole scan. Where that lies elsewhere, noise or another element's edge was steeper: the
 * window's own E0 stands only if mu rises more across the expected edge than across the steeper place.
 * @param metalEdgeEv where the element's metal has its edge, on the scan's own scale
 * @param noise standard deviation of one point of mu
 */
export function locateEdge(
  energyEv: Float64Array,
  mu: Float64Array,
  metalEdgeEv: number,
  noise: number,
  label: string,
): number | Reject {
  const rise = riseAcross(energyEv, mu, metalEdgeEv, RISE_ABOVE_EV);
  const relativeNoise = noise / Math.abs(rise);
  // The search widens with the noise: without a bound, a scan of a closed shutter would hold the processor for seconds.
  const widening = Math.min(relativeNoise, MAX_NOISE);
  const e0 = findE0(energyEv, mu, 0, energyEv.length, widening);
  const e0Ev = energyEv[e0]!;
  const expected = `the ${label} edge near ${metalEdgeEv.toFixed(0)} eV`;
  const inside = e0Ev > metalEdgeEv - WINDOW_BELOW_EV && e0Ev < metalEdgeEv + WINDOW_ABOVE_EV;
  const riseElsewhere = inside ? 0 : riseAcross(energyEv, mu, e0Ev, RISE_BELOW_EV);
  // A rise within the noise is no edge elsewhere: such a scan has none at all.
  if (riseElsewhere > Math.abs(rise) && riseElsewhere > noise / MAX_NOISE) {
    return reject('edge-not-found', `Expected ${expected}, got the steepest rise at ${e0Ev.toFixed(1)} eV`);
  }
  if (!(relativeNoise < MAX_NOISE)) {
    return reject(
      'edge-step-too-small',
      `Expected mu to rise at ${expected} by more than ${1 / MAX_NOISE} times its noise of ` +
        `${noise.toPrecision(2)}, got ${rise.toPrecision(2)}`,
    );
  }
  if (rise < 0) {
    return reject(
      'inverted-edge',
      `Expected mu to rise at ${expected}, got a fall of ${(-rise).toPrecision(2)}`,
    );
  }
  if (inside) return e0;
  const from = lowerBound(energyEv, metalEdgeEv - WINDOW_BELOW_EV);
  const to = lowerBound(energyEv, metalEdgeEv + WINDOW_ABOVE_EV);
  return findE0(energyEv, mu, from, to, relativeNoise);
}

/** Above this share of the edge step per point nothing can be read off a scan, and its edge may be chance. */
const MAX_NOISE = 1 / 3;

/** White line and chemical shift lie within about 19 eV above the metal's edge, or 10 eV above E0. */
const RISE_ABOVE_EV = 19;
const RISE_BELOW_EV = 10;

/** Mean of mu over 14 eV from `aboveEv` above the edge, minus its mean over the last 25 eV up to 4 eV below it. */
function riseAcross(energyEv: Float64Array, mu: Float64Array, edgeEv: number, aboveEv: number): number {
  const beforeTo = Math.max(2, lowerBound(energyEv, edgeEv - 4));
  const beforeFrom = Math.min(beforeTo - 2, lowerBound(energyEv, edgeEv - 29));
  const afterFrom = Math.min(energyEv.length - 2, lowerBound(energyEv, edgeEv + aboveEv));
  const afterTo = Math.max(afterFrom + 2, lowerBound(energyEv, edgeEv + aboveEv + 14));
  return meanBetween(mu, afterFrom, afterTo) - meanBetween(mu, beforeFrom, beforeTo);
}
