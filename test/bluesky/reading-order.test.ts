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

test('whatever times documents have, and however many a fetch brings, all are read', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(moments, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (log, most) => {
        const partitions = log.map(() => ({
          readMs: NEVER,
          nextMs: null as number | null,
          taken: 0,
          fetched: 0,
        }));
        const isMore = (each: (typeof partitions)[number]) =>
          each.fetched < log[partitions.indexOf(each)]!.length;
        const look = (each: (typeof partitions)[number]) => {
          each.nextMs = each.taken < each.fetched ? log[partitions.indexOf(each)]![each.taken]! : null;
        };
        for (let turn = 0; partitions.some((each) => isMore(each) || each.nextMs !== null); turn += 1) {
          expect(turn).toBeLessThan(200); // else all wait for each other
          // A partition is fetched when nothing of it waits, as a paused one is not.
          for (const each of partitions)
            if (each.nextMs === null) {
              each.fetched = Math.min(each.fetched + most, log[partitions.indexOf(each)]!.length);
              look(each);
            }
          for (let next = earliestOf(partitions); next !== null; next = earliestOf(partitions)) {
            if (furtherBehind(partitions, next).some(isMore)) break;
            next.readMs = next.nextMs!;
            next.taken += 1;
            look(next);
          }
        }
        expect(partitions.map(({ taken }) => taken)).toEqual(log.map(({ length }) => length));
      },
    ),
  );
});
