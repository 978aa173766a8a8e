import { expect, test } from '@jest/globals';
import type { SampleWatch } from '../../src/messages/sample-watch.ts';
import { decodeSampleWatch, encodeSampleWatch } from '../../src/wire/sample-watch-codec.ts';
import { findIn, observations } from '../change-points/observations.ts';

test('what is known of a sample comes back as it was', () => {
  const drift = observations(60, (i) => [i < 20 ? 3 : 3 + 0.02 * (i - 20)]);
  const step = observations(60, (i) => new Array(16).fill(i < 30 ? 0 : 0.1));
  const watch: SampleWatch = {
    ...{ runId: 'run', sampleId: 'ähnlich', element: 'Co', edge: 'K', sinceMs: 1_750_000_000_000 },
    ...{ hours: 0.59, reading: 'hash network' },
    axis: { fromEv: 7713.5, left: [new Float64Array(16).fill(0.25)] },
    watches: { MEAN_OXIDATION_STATE: findIn(drift, 0.05).watch, SPECTRUM: findIn(step, 0.05).watch },
  };
  expect(watch.watches.MEAN_OXIDATION_STATE.course).toBe('line');
  expect(watch.watches.SPECTRUM.levels).toHaveLength(1);
  for (const each of [watch, { ...watch, axis: null }]) {
    const { value, headers } = encodeSampleWatch(each);
    const flat = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
    expect(decodeSampleWatch({ value, headers: Object.fromEntries(flat) })).toEqual(each);
  }
});
