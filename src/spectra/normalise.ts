import { evaluatePolynomial, fitPolynomial } from './fit-polynomial.ts';
import { lowerBound } from './lower-bound.ts';

export type Normalisation = {
  /** Signed: negative where mu falls at the edge. */
  readonly edgeStep: number;
  /** (mu - pre-edge) / edgeStep, [points]. */
  readonly mu: Float64Array;
  /** Ends of the fitted ranges relative to E0, eV; null where nothing was fitted. */
  readonly preEdgeRangeEv: readonly [number, number] | null;
  readonly postEdgeRangeEv: readonly [number, number] | null;
  readonly postEdgeDegree: number;
};

/**
 * Normalisation by the ranges of larch's pre_edge: a line through the pre-edge from the second point to half of that
 * distance, a polynomial of degree 2 (1 below 300 eV of range, 0 below 30 eV) through the post-edge from
 * min(25, a fifteenth of the range) to the end, and the edge step where both meet E0. Larch reports |edge step|; here
 * the sign is kept, since it tells an inverted scan.
 * @param into where the normalised mu is written, [points]
 */
export function normaliseByPolynomials(
  energyEv: Float64Array,
  mu: Float64Array,
  e0Index: number,
  into: Float64Array = new Float64Array(mu.length),
): Normalisation {
  const points = energyEv.length;
  const e0Ev = energyEv[e0Index]!;
  const toFirstEv = energyEv[0]! - e0Ev;
  const roundTo = e0Index > 20 ? 5 : 2;
  const preFromEv = Math.max(roundTo * Math.round((energyEv[1]! - e0Ev) / roundTo), toFirstEv);
  const preToEv = 0.5 * preFromEv;
  const preFrom = atOrBelow(energyEv, e0Ev + preFromEv);
  const preTo = Math.max(nearest(energyEv, e0Ev + preToEv), preFrom + 1);
  const preDegree = atOrBelow(energyEv, e0Ev + preToEv) - preFrom < 3 ? 0 : 1;
  const preEdge = fitPolynomial(energyEv, mu, preFrom, preTo, Math.min(preDegree, preTo - preFrom - 1));

  const toLastEv = energyEv[points - 1]! - e0Ev;
  const postToEv = Math.min(5 * Math.round(toLastEv / 5), toLastEv);
  const postFromEv = Math.min(25, 5 * Math.round(postToEv / 15), postToEv - 2);
  const rangeEv = postToEv - postFromEv;
  let degree = rangeEv < 30 ? 0 : rangeEv < 300 ? 1 : 2;
  let postFrom = Math.min(atOrBelow(energyEv, e0Ev + postFromEv), points - 3);
  const postTo = Math.max(nearest(energyEv, e0Ev + postToEv), postFrom + 1);
  if (postTo - postFrom < 2) {
    postFrom -= 2;
    degree = 0;
  } else if (postTo - postFrom < 5) degree = Math.min(1, degree);

  const slope = preEdge.c1 / preEdge.scale;
  const atZero = preEdge.c0 - slope * preEdge.centre;
  for (let i = 0; i < points; i += 1) into[i] = mu[i]! - atZero - slope * energyEv[i]!;
  const postEdge = fitPolynomial(energyEv, into, postFrom, postTo, degree);
  const edgeStep = evaluatePolynomial(postEdge, e0Ev);
  for (let i = 0; i < points; i += 1) into[i]! /= edgeStep;
  return {
    edgeStep,
    mu: into,
    preEdgeRangeEv: [preFromEv, preToEv],
    postEdgeRangeEv: [postFromEv, postToEv],
    postEdgeDegree: degree,
  };
}

/**
 * Normalisation of a scan without a pre-edge long enough for a line: the baseline is the mean of points
 * [0, preEdgeTo), or zero where there is none; the edge step is the mean above it of points [postFrom, postTo).
 * @param into where the normalised mu is written, [points]
 */
export function normaliseByMeans(
  energyEv: Float64Array,
  mu: Float64Array,
  e0Index: number,
  preEdgeTo: number,
  postFrom: number,
  postTo: number,
  into: Float64Array = new Float64Array(mu.length),
): Normalisation {
  const e0Ev = energyEv[e0Index]!;
  const baseline = preEdgeTo === 0 ? 0 : meanBetween(mu, 0, preEdgeTo);
  const edgeStep = meanBetween(mu, postFrom, postTo) - baseline;
  for (let i = 0; i < mu.length; i += 1) into[i] = (mu[i]! - baseline) / edgeStep;
  return {
    edgeStep,
    mu: into,
    preEdgeRangeEv: preEdgeTo === 0 ? null : [energyEv[0]! - e0Ev, energyEv[preEdgeTo - 1]! - e0Ev],
    postEdgeRangeEv: [energyEv[postFrom]! - e0Ev, energyEv[postTo - 1]! - e0Ev],
    postEdgeDegree: 0,
  };
}

/** Mean of values [from, to). */
export function meanBetween(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += values[i]!;
  return sum / (to - from);
}

const atOrBelow = (values: Float64Array, target: number): number => {
  const index = lowerBound(values, target);
  if (index < values.length && values[index] === target) return index;
  return Math.max(0, index - 1);
};

const nearest = (values: Float64Array, target: number): number => {
  const index = lowerBound(values, target);
  if (index === 0) return 0;
  if (index === values.length) return index - 1;
  return target - values[index - 1]! <= values[index]! - target ? index - 1 : index;
};
