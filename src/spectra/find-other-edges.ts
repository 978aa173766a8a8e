import { EDGES } from '../messages/edge-energies.ts';
import { evaluatePolynomial, fitPolynomial } from './fit-polynomial.ts';
import { lowerBound } from './lower-bound.ts';
import { meanBetween } from './normalise.ts';

/** An edge of the tables that is nearer to the element's own than this cannot be told from its fine structure. */
const APART_EV = 150;
/** mu is followed by a line over this part below an edge, and taken over this part above it. */
const LINE_EV = [-90, -15] as const;
const ABOVE_EV = [15, 60] as const;
const LEAST_POINTS = 5;
/**
 * Share of the own step from which mu rises at another edge. The next K edge lies far behind the fine structure, an L3
 * edge may lie anywhere within it: of 5,273 edges in public scans of the kind 0.055 and 0.24 are the largest that are
 * none.
 */
const LEAST_STEP: Readonly<Record<string, number>> = { K: 0.08, L3: 0.25 };

/** Those that are looked for: L2 and L1 come with L3. */
const LOOKED_FOR = EDGES.flatMap(({ edge, energyEv }) => {
  const leastStep = LEAST_STEP[edge];
  return leastStep === undefined ? [] : [{ energyEv, leastStep }];
});

/**
 * Other edges that a scan goes over, by the tables of all elements and by mu itself, which must rise there: the nearest
 * one below the element's own and the nearest above it, eV.
 * @param energyEv [points], ascending
 * @param mu [points]
 * @param ownEv where the element has its edge, about
 */
export function findOtherEdges(energyEv: Float64Array, mu: Float64Array, ownEv: number): readonly number[] {
  const own = stepAt(energyEv, mu, ownEv);
  if (own === null || !(own > 0)) return [];
  const found = LOOKED_FOR.filter(({ energyEv: otherEv, leastStep }) => {
    if (Math.abs(otherEv - ownEv) < APART_EV) return false;
    const step = stepAt(energyEv, mu, otherEv);
    return step !== null && step > leastStep * own;
  }).map(({ energyEv: otherEv }) => otherEv);
  const below = Math.max(...found.filter((otherEv) => otherEv < ownEv));
  const above = Math.min(...found.filter((otherEv) => otherEv > ownEv));
  return [below, above].filter(Number.isFinite);
}

/** How much mu rises at an edge above the line that leads to it; null where the scan does not reach around it. */
function stepAt(energyEv: Float64Array, mu: Float64Array, edgeEv: number): number | null {
  if (!(energyEv[0]! <= edgeEv + LINE_EV[0] && energyEv.at(-1)! >= edgeEv + ABOVE_EV[1])) return null;
  const at = (ev: number) => lowerBound(energyEv, edgeEv + ev);
  const [from, to, aboveFrom, aboveTo] = [...LINE_EV, ...ABOVE_EV].map(at) as [
    number,
    number,
    number,
    number,
  ];
  if (to - from < LEAST_POINTS || aboveTo - aboveFrom < LEAST_POINTS) return null;
  const line = fitPolynomial(energyEv, mu, from, to, 1);
  const middle = edgeEv + 0.5 * (ABOVE_EV[0] + ABOVE_EV[1]);
  return meanBetween(mu, aboveFrom, aboveTo) - evaluatePolynomial(line, middle);
}
