import { expect, test } from '@jest/globals';
import { patience } from '../../src/producers/patience.ts';

function patient() {
  const told: string[] = [];
  const waits: number[] = [];
  return {
    told,
    waits,
    ...patience({
      sleep: async (ms) => void waits.push(ms),
      onFailure: (error, isFirst) => told.push(`${isFirst ? 'first' : 'again'}: ${(error as Error).message}`),
      onRecovery: () => told.push('recovered'),
    }),
  };
}

/** Fails so many times, then answers. */
function failing(times: number): () => Promise<string> {
  let left = times;
  return async () => {
    if (left-- > 0) throw new Error('away');
    return 'answer';
  };
}

test('an answer comes back as it is, and nothing is said', async () => {
  const { untilAnswered, told, failure } = patient();
  expect(await untilAnswered(failing(0), new AbortController().signal)).toBe('answer');
  expect([told, failure()]).toEqual([[], null]);
});

test('a call is repeated with growing waits of at most a second; an outage has a beginning and an end', async () => {
  const { untilAnswered, told, waits } = patient();
  expect(await untilAnswered(failing(7), new AbortController().signal)).toBe('answer');
  expect(waits).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
  expect(told).toEqual(['first: away', ...Array(6).fill('again: away'), 'recovered']);
});

test('an outage is one for all who wait', async () => {
  const { untilAnswered, told, failure } = patient();
  const ending = new AbortController();
  const waiting = untilAnswered(async () => {
    if (told.length === 1) ending.abort();
    throw new Error('away');
  }, ending.signal);
  expect(await waiting).toBeUndefined();
  expect(failure()).toBe('away');
  expect(await untilAnswered(failing(0), new AbortController().signal)).toBe('answer');
  expect(told).toEqual(['first: away', 'again: away', 'recovered']);
  expect(failure()).toBeNull();
});
