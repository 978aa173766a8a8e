import { seededRandom } from '../data/random.ts';
import { quantile } from '../report/statistics.ts';
import type { Learned } from './oxygen-sites.ts';
import { type Reading, scoreOf } from './reading.ts';

const DRAWS = 1000;

/**
 * 95% interval of a score: whole families are drawn, with replacement, since sites of one err together.
 * @returns null where there is no score
 */
export function intervalByFamilies(
  name: Learned,
  readings: readonly Reading[],
): readonly [number, number] | null {
  const byFamily = new Map<string, Reading[]>();
  for (const reading of readings) {
    const { group } = reading.site;
    byFamily.set(group, [...(byFamily.get(group) ?? []), reading]);
  }
  const families = [...byFamily.values()];
  const random = seededRandom(1);
  const scores = Array.from({ length: DRAWS }, () =>
    scoreOf(
      name,
      families.flatMap(() => families[Math.floor(random.uniform() * families.length)]!),
    ),
  ).filter((score) => score !== null && Number.isFinite(score)) as number[];
  return scores.length === 0 ? null : [quantile(scores, 0.025), quantile(scores, 0.975)];
}
