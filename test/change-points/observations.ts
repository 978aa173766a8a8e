import { random } from '../../demo/replay/random.ts';
import { observe, startWatch } from '../../src/change-points/detector.ts';
import type { Finding, Observation } from '../../src/messages/change-point.ts';
import type { Watch } from '../../src/messages/sample-watch.ts';

/** `count` observations, one in 36 s, of `courseAt` plus noise; the same seed gives the same. */
export function observations(
  count: number,
  courseAt: (number: number) => readonly number[],
  { sigma = 0.01, stated = 0.01, seed = 1 } = {},
): Observation[] {
  const chance = random(seed);
  return Array.from({ length: count }, (_, i) => ({
    ...{ scanId: `scan-${i}`, endedAtMs: 36_000 * i, hours: i / 100, sigma: stated },
    values: Float64Array.from(courseAt(i), (value) => value + sigma * chance.normal()),
  }));
}

/** What is found of them, by the number of the observation with which it is. */
export function findIn(
  all: readonly Observation[],
  least: number,
): { readonly found: readonly (readonly [number, Finding])[]; readonly watch: Watch } {
  const found: (readonly [number, Finding])[] = [];
  let watch = startWatch(all[0]!.values.length);
  for (const [i, observation] of all.entries()) {
    const next = observe(watch, observation, least);
    watch = next.watch;
    if (next.found !== null) found.push([i, next.found]);
  }
  return { found, watch };
}
