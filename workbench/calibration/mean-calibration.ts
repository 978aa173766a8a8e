import type { MeanCalibration } from '../../src/gating/gate-table.ts';
import type { MeanName } from '../../src/messages/prediction.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { rounded } from './fit-out-of-distribution.ts';
import { atOtherLevels, LEVEL } from './judge-elements.ts';

/** An interval with a wider half is of no use to who acts on the mean. */
const USEFUL_HALF: Readonly<Record<MeanName, number>> = { OS: 0.45, CN: 0.6, OCN: 0.6 };
/** Fewer samples in a range of sigma say nothing. */
const MIN_SAMPLES = 100;
/** Ranges of the network's sigma that hold the same number of samples. */
const RANGES = 6;

/** What a sample is of; `metal` in part. */
export type Kind = 'single' | 'mixture' | 'metal';

/**
 * In each range of sigma the largest of three multiples: that which holds for single sites, that for mixtures of oxides,
 * and that for all samples, also those that are metal in part: a little of one is not seen, and would widen every
 * interval by itself. One multiple for all ranges would hold on the whole, and too seldom where the network is surest.
 */
export function meanCalibrationOf(
  name: MeanName,
  scores: readonly { readonly kind: Kind; readonly sigma: number; readonly score: number }[],
): MeanCalibration {
  const sorted = scores.map(({ sigma }) => sigma).sort((a, b) => a - b);
  const ranges = scores.length < RANGES * MIN_SAMPLES ? 1 : RANGES;
  const quantiles = Array.from({ length: ranges - 1 }, (_, i) =>
    rounded(sorted[Math.floor(((i + 1) * sorted.length) / ranges)]!),
  );
  // Of descriptors that are mostly sure many sigmas are the least there is: an empty range says nothing.
  const sigmaEdges = [...new Set(quantiles)].filter((edge) => edge > sorted[0]!);
  const rangeOf = (sigma: number): number => {
    const range = sigmaEdges.findIndex((edge) => sigma < edge);
    return range < 0 ? sigmaEdges.length : range;
  };
  const spreadsAt = (level: number) =>
    Array.from({ length: sigmaEdges.length + 1 }, (_, range) => {
      const own = scores.filter(({ sigma }) => rangeOf(sigma) === range);
      const oxides = (['single', 'mixture'] as const)
        .map((of) => own.filter(({ kind }) => kind === of))
        .filter(({ length }) => length >= MIN_SAMPLES / 2);
      const multiples = [...oxides, own].map((samples) =>
        conformalQuantile(
          samples.map(({ score }) => score),
          level,
        ),
      );
      return rounded(Math.max(...multiples));
    });
  return {
    sigmaEdges,
    spread: spreadsAt(LEVEL),
    spreadAt: atOtherLevels(spreadsAt),
    usefulHalf: USEFUL_HALF[name],
  };
}
