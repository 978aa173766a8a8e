import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { earliestOf, furtherBehind } from '../../src/bluesky/reading-order.ts';

const NEVER = Number.NEGATIVE_INFINITY;
const times = (name: string, readMs: number, nextMs: number | null) => ({ name, readMs, nextMs });

test('the earliest document that was fetched is the next', () => {
  const partitions = [times('a', 5, 9), times('b', 3, 7), times('c', 1, null)];
  expect(earliestOf(partitions)?.name).toBe('b');
  expect(earliestOf([times('c', 1, null)])).toBeNull();
  expect(earliestOf([])).toBeNull();
});

test('whoever has nothing fetched and is further behind is waited for, the furthest behind first', () => {
  const next = times('a', 5, 9);
  const behind = furtherBehind(
    [
      next,
      times('b', 8, null),
      times('c', 2, null),
      times('d', 9, null),
      times('e', 1, 3),
      times('f', NEVER, null),
    ],
    next,
  );
  expect(behind.map(({ name }) => name)).toEqual(['f', 'c', 'b']);
});

test('never do all partitions wait', () => {
  const moment = fc.integer({ min: 0, max: 5 });
  const partition = fc.record({
    readMs: fc.oneof(moment, fc.constant(NEVER)),
    nextMs: fc.oneof(moment, fc.constant(null)),
  });
  fc.assert(
    fc.property(fc.array(partition, { minLength: 1, maxLength: 6 }), (partitions) => {
      const next = earliestOf(partitions);
      if (next === null) return; // nothing was fetched that could wait
      // Who is waited for has nothing that waits, and so is fetched.
      expect(furtherBehind(partitions, next).every(({ nextMs }) => nextMs === null)).toBe(true);
      if (partitions.every(({ nextMs }) => nextMs !== null))
        expect(furtherBehind(partitions, next)).toEqual([]);
    }),
  );
});
