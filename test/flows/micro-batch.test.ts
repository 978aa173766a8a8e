import { describe, expect, test } from '@jest/globals';
import { microBatch } from '../../src/flows/micro-batch.ts';
import { manualClock, settled } from '../manual-clock.ts';

const policy = { maxSize: 4, maxWaitMs: 10 };

function counting() {
  const batches: number[][] = [];
  const evaluate = async (items: readonly number[]) => {
    batches.push([...items]);
    return items.map((item) => item * 10);
  };
  return { batches, evaluate };
}

describe('microBatch', () => {
  test('a full batch leaves at once', async () => {
    const { batches, evaluate } = counting();
    const ask = microBatch(evaluate, policy, manualClock());
    expect(await Promise.all([1, 2, 3, 4].map(ask))).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1, 2, 3, 4]]);
  });

  test('a lone item waits for company no longer than maxWaitMs', async () => {
    const { batches, evaluate } = counting();
    const clock = manualClock();
    const ask = microBatch(evaluate, policy, clock);
    const answer = ask(1);
    await clock.advance(9);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(batches).toEqual([[1]]);
    expect(await answer).toBe(10);
  });

  test('waiting counts from the first item, not from the last', async () => {
    const { batches, evaluate } = counting();
    const clock = manualClock();
    const ask = microBatch(evaluate, policy, clock);
    void ask(1);
    await clock.advance(6);
    void ask(2);
    await clock.advance(4);
    expect(batches).toEqual([[1, 2]]);
  });

  test('as many calls at a time as the policy says', async () => {
    const ends: (() => void)[] = [];
    const evaluate = (items: readonly number[]) =>
      new Promise<number[]>((resolve) => ends.push(() => resolve([...items])));
    const ask = microBatch(evaluate, { maxSize: 1, maxWaitMs: 0, atOnce: 2 }, manualClock());
    const answers = [1, 2, 3].map(ask);
    await settled();
    expect(ends).toHaveLength(2);
    ends[1]!();
    expect(await answers[1]).toBe(2); // without the first
    await settled();
    expect(ends).toHaveLength(3);
    for (const end of ends) end();
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
  });

  test('one call at a time; what comes meanwhile makes the next batch, of at most maxSize', async () => {
    const batches: number[][] = [];
    const ends: (() => void)[] = [];
    const evaluate = (items: readonly number[]) =>
      new Promise<number[]>((resolve) => {
        batches.push([...items]);
        ends.push(() => resolve([...items]));
      });
    const clock = manualClock();
    const ask = microBatch(evaluate, policy, clock);
    const answers = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(ask);
    await clock.advance(100);
    expect(batches).toEqual([[1, 2, 3, 4]]);
    ends[0]!();
    await settled();
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    ends[1]!();
    await clock.advance(10);
    ends[2]!();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('one bad item fails alone', async () => {
    const evaluate = async (items: readonly number[]) => {
      if (items.includes(3)) throw new Error('three');
      return items;
    };
    const ask = microBatch(evaluate, policy, manualClock());
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(ask));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('an evaluator that loses count is an error, never a shifted answer', async () => {
    const evaluate = async (items: readonly number[]) => items.slice(1);
    const ask = microBatch(evaluate, { maxSize: 2, maxWaitMs: 0 }, manualClock());
    const outcomes = await Promise.allSettled([1, 2].map(ask));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(String((outcomes[0] as PromiseRejectedResult).reason)).toContain(
      'Expected 1 results from the evaluator, got 0',
    );
  });

  test.each([
    [{ maxSize: 0, maxWaitMs: 1 }],
    [{ maxSize: 1.5, maxWaitMs: 1 }],
    [{ maxSize: 1, maxWaitMs: -1 }],
  ])('policy %p is refused', (bad) => {
    expect(() => microBatch(async (items: readonly number[]) => items, bad, manualClock())).toThrow(
      RangeError,
    );
  });
});
