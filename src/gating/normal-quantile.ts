import { probabilityWithin } from './probability-within.ts';

/** Half width, in standard deviations, of the central interval of a normal distribution that holds `level`. */
export function normalQuantile(level: number): number {
  let low = 0;
  let high = 10;
  for (let i = 0; i < 40; i += 1) {
    const middle = 0.5 * (low + high);
    if (probabilityWithin(middle, 1) < level) low = middle;
    else high = middle;
  }
  return high;
}
