import type { MeanCalibration } from '../../src/gating/gate-table.ts';
import { rangeOf } from '../../src/gating/range-of.ts';
import type { MeanName } from '../../src/messages/prediction.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { equalRanges } from './equal-ranges.ts';
import { rounded } from './fit-out-of-distribution.ts';
import { atOtherLevels, LEVEL } from './judge-elements.ts';

/** An interval with a wider half is of no use to who acts on the mean. */
const USEFUL_HALF: Readonly<Record<MeanName, number>> = { OS: 0.45, CN: 0.6, OCN: 0.6 };
/** Fewer samples in a range of sigma say nothing. */
const MIN_SAMPLES = 100;
/** Ranges of the network's sigma that hold the same number of samples. */
const RANGES = 6;

/**
 * In each range of sigma the larger of two multiples: that which holds for single sites, and that for mixtures. One
 * multiple for all would hold on the whole, and too seldom where the network is surest.
 */
export function meanCalibrationOf(
  name: MeanName,
  scores: readonly { readonly isMixture: boolean; readonly sigma: number; readonly score: number }[],
): MeanCalibration {
  const sorted = scores.map(({ sigma }) => sigma).sort((a, b) => a - b);
  const ranges = scores.length < RANGES * MIN_SAMPLES ? 1 : RANGES;
  // Of descriptors that are mostly sure many sigmas are the least there is.
  const sigmaEdges = equalRanges(sorted, ranges);
  const spreadsAt = (level: number) =>
    Array.from({ length: sigmaEdges.length + 1 }, (_, range) => {
      const own = scores.filter(({ sigma }) => rangeOf(sigmaEdges, sigma) === range);
      const multiples = [true, false].map((mixed) => {
        const kind = own.filter(({ isMixture }) => isMixture === mixed);
        const enough = kind.length < MIN_SAMPLES / 2 ? own : kind;
        return conformalQuantile(
          enough.map(({ score }) => score),
          level,
        );
      });
      return rounded(Math.max(...multiples));
    });
  return {
    sigmaEdges,
    spread: spreadsAt(LEVEL),
    spreadAt: atOtherLevels(spreadsAt),
    usefulHalf: USEFUL_HALF[name],
  };
}
