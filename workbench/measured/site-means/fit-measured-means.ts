import type { MeasuredMeans } from '../../../src/gating/gate-table.ts';
import { mean } from '../../report/statistics.ts';
import { fitAnchored } from './fit-anchored.ts';
import { fitChange } from './fit-change.ts';
import { FEW_GROUPS, type ShiftFit } from './fit-shifts-to-means.ts';
import type { Reading } from './read-at-shifts.ts';
import { rounded, seriesIn } from './series.ts';

/** What an element without standards enough is worth, in oxidation states; and what the best is. */
const DOMAIN = { unknown: 0.6, few: 0.3, least: 0.15 } as const;

/** What measured scans tell of intervals: how far theory is off, how far an edge moves, what standards are worth. */
export function fitMeasuredMeans(
  readings: readonly Reading[],
  shifts: readonly ShiftFit[],
  offsetsEv: readonly number[],
) {
  const domain = Object.fromEntries(
    shifts.map(({ element, groups }) => {
      const rms = Math.sqrt(mean(groups.map(({ error }) => error ** 2)));
      const least =
        groups.length < 2 ? DOMAIN.unknown : groups.length < FEW_GROUPS ? DOMAIN.few : DOMAIN.least;
      return [element, rounded(Math.max(least, rms))];
    }),
  );
  const series = seriesIn(readings);
  const change = fitChange(series, offsetsEv);
  const anchored = fitAnchored(series, offsetsEv);
  const measured: MeasuredMeans = {
    domain: { ...domain, other: DOMAIN.unknown },
    change: change.all,
    anchored: anchored.all,
  };
  return { measured, change: change.leftOut, anchored: anchored.leftOut };
}
