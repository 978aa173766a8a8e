import { changeOf } from '../../../src/gating/judge-means.ts';
import { edgePosition } from '../../../src/gating/rulers.ts';
import { mean, median } from '../../report/statistics.ts';
import { balancedQuantile, LEAST_SPAN, meanOf, rounded, type Series } from './series.ts';

/** So much of an error does not shrink with what it is an error of. */
const CHANGE_FLOOR = 0.1;

/** How far the edge moves for a unit of the state, and what its movement since a reference is off by. */
export function fitChange(series: readonly Series[], offsetsEv: readonly number[]) {
  const points = series.map(({ name, readings }) => ({
    name,
    pairs: readings.flatMap((from, i) =>
      readings.flatMap((to, j) => {
        if (i === j) return [];
        const movedEv =
          edgePosition(to.prepared.input, offsetsEv) - edgePosition(from.prepared.input, offsetsEv);
        const readChange = meanOf(to) - meanOf(from);
        const change = to.known.meanOxidationState - from.known.meanOxidationState;
        return Number.isFinite(movedEv) ? [{ movedEv, readChange, change }] : [];
      }),
    ),
  }));
  const slopeOf = (own: typeof points): number =>
    median(
      own.map(({ pairs }) => {
        const square = pairs.reduce((sum, { change }) => sum + change * change, 0);
        return pairs.reduce((sum, { change, movedEv }) => sum + change * movedEv, 0) / square;
      }),
    );
  const figuresOf = (own: typeof points) => {
    const evPerUnit = slopeOf(own);
    const scores = own.map(({ pairs }) =>
      pairs.map(({ movedEv, readChange, change }) => {
        const read = changeOf(movedEv, readChange, { evPerUnit, floor: CHANGE_FLOOR, share: 0 });
        return Math.max(0, Math.abs(read - change) - CHANGE_FLOOR) / Math.max(Math.abs(read), 1e-6);
      }),
    );
    return { evPerUnit: rounded(evPerUnit), floor: CHANGE_FLOOR, share: rounded(balancedQuantile(scores)) };
  };
  const leftOut = points.map(({ name, pairs }, k) => {
    const { evPerUnit, floor, share } = figuresOf(points.filter((_, i) => i !== k));
    const read = pairs.map(({ movedEv, readChange }) =>
      changeOf(movedEv, readChange, { evPerUnit, floor, share }),
    );
    const held = pairs.filter(
      ({ change }, i) => Math.abs(read[i]! - change) <= floor + share * Math.abs(read[i]!),
    );
    const big = pairs.filter(({ change }) => Math.abs(change) >= LEAST_SPAN);
    return {
      name,
      pairs: pairs.length,
      slope: slopeOf([points[k]!]),
      rightSign:
        pairs.filter(({ change }, i) => Math.abs(change) >= LEAST_SPAN && change * read[i]! > 0).length /
        Math.max(1, big.length),
      error: mean(pairs.map(({ change }, i) => Math.abs(read[i]! - change))),
      coverage: held.length / pairs.length,
    };
  });
  return { all: figuresOf(points), leftOut };
}
