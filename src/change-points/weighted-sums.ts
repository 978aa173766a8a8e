import type { Observation } from '../messages/change-point.ts';
import type { WeightedSums } from '../messages/sample-watch.ts';

export const emptySums = (size: number): WeightedSums => ({
  ...{ count: 0, weight: 0, hours: 0, squares: 0 },
  values: new Float64Array(size),
  products: new Float64Array(size),
});

export function addTo(sums: WeightedSums, observations: readonly Observation[]): WeightedSums {
  let { count, weight, hours, squares } = sums;
  const [values, products] = [sums.values.slice(), sums.products.slice()];
  for (const observation of observations) {
    const w = 1 / observation.sigma ** 2;
    count += 1;
    weight += w;
    hours += w * observation.hours;
    squares += w * observation.hours ** 2;
    for (let j = 0; j < values.length; j += 1) {
      values[j]! += w * observation.values[j]!;
      products[j]! += w * observation.values[j]! * observation.hours;
    }
  }
  return { count, weight, hours, squares, values, products };
}

/** Weighted mean of the values, [1] or [bins]. */
export const levelOf = ({ values, weight }: WeightedSums): Float64Array => values.map((sum) => sum / weight);
