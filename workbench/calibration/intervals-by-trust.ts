import type { Calibration } from '../../src/gating/gate-table.ts';
import { rangeOf } from '../../src/gating/range-of.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { equalRanges } from './equal-ranges.ts';
import { rounded } from './fit-out-of-distribution.ts';
import { atOtherLevels, LEVEL } from './judge-elements.ts';

/** Ranges of trust that hold the same number of samples. */
const RANGES = 10;
/** Fewer samples in a range say little of its quantiles. */
const MIN_SAMPLES = 100;

/**
 * What intervals are drawn by in each range of trust. Trust weighs what has befallen a sample, so that intervals are
 * wide where defects mislead the network, which its own probabilities do not say.
 * @param scores of samples of one site: of a class 1 less the tempered probability of the true one, of a real its error
 * over its sigma
 * @returns undefined where there are too few for any interval
 */
export function intervalsByTrust(
  kind: Calibration['kind'],
  scores: readonly { readonly trust: number; readonly score: number }[],
): Calibration['byTrust'] {
  const sorted = scores.map(({ trust }) => trust).sort((a, b) => a - b);
  const ranges = Math.max(1, Math.min(RANGES, Math.floor(scores.length / MIN_SAMPLES)));
  const edges = equalRanges(sorted, ranges);
  const own: number[][] = Array.from({ length: edges.length + 1 }, () => []);
  for (const { trust, score } of scores) own[rangeOf(edges, trust)]!.push(score);
  const widthsAt = (level: number): number[] =>
    own.map((range) => {
      const quantile = conformalQuantile(range, level);
      return rounded(kind === 'class' ? Math.max(0, 1 - quantile) : quantile);
    });
  const width = widthsAt(LEVEL);
  return own.every(({ length }) => length > 0) && width.every(Number.isFinite)
    ? { edges, width, widthAt: atOtherLevels(widthsAt) }
    : undefined;
}
