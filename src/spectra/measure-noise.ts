import type { NoiseEstimate } from '../messages/prepared.ts';
import { estimateNoise } from './estimate-noise.ts';
import { lowerBound } from './lower-bound.ts';
import { meanBetween } from './normalise.ts';

/**
 * Noise is looked for within so many eV of the edge; below it up to where lines begin, above it past the steep part.
 */
const RANGE_EV = 200;
const PRE_EDGE_END_EV = -4;
const CALM_FROM_EV = 20;
/** A scan that ends before so many calm points is judged on all it has above the edge. */
const CALM_POINTS = 24;
/** Counting statistics are a lower bound: more than this times as much in the residual is other noise. */
const EXCESS = 1.5;

/**
 * Noise of one point of mu (in mu's own units) before and after the edge: from the residuals of the scan itself, or
 * from its counting uncertainties where those explain the residuals. A region of too few points reads 0 and does not
 * enter sigma, the larger of the two.
 * @param muSigma standard uncertainty of mu, [points], or null
 * @param metalEdgeEv where the element's metal has its edge, on the scan's own scale
 */
export function measureNoise(
  energyEv: Float64Array,
  mu: Float64Array,
  muSigma: Float64Array | null,
  metalEdgeEv: number,
): NoiseEstimate {
  const preFrom = lowerBound(energyEv, metalEdgeEv - RANGE_EV);
  const preTo = lowerBound(energyEv, metalEdgeEv + PRE_EDGE_END_EV);
  const postTo = lowerBound(energyEv, metalEdgeEv + RANGE_EV);
  const calmFrom = lowerBound(energyEv, metalEdgeEv + CALM_FROM_EV);
  const postFrom = postTo - calmFrom >= CALM_POINTS ? calmFrom : lowerBound(energyEv, metalEdgeEv);
  const preEdge = estimateNoise(energyEv, mu, preFrom, preTo) || 0;
  const postEdge = estimateNoise(energyEv, mu, postFrom, postTo) || 0;
  const residual: NoiseEstimate = {
    preEdge,
    postEdge,
    sigma: Math.max(preEdge, postEdge),
    method: 'residual',
  };
  if (muSigma === null) return residual;

  const countedPre = preTo > preFrom ? meanBetween(muSigma, preFrom, preTo) : 0;
  const countedPost = postTo > postFrom ? meanBetween(muSigma, postFrom, postTo) : 0;
  const sigma = Math.max(countedPre, countedPost);
  if (residual.sigma > EXCESS * sigma) return residual;
  return { preEdge: countedPre, postEdge: countedPost, sigma, method: 'counting' };
}
