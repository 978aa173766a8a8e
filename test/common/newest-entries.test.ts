import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newestEntries } from '../../src/common/newest-entries.ts';

test('it holds what a list would that drops its first element', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), isDeleted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
      const entries = newestEntries<number, number>(most);
      let expected: [number, number][] = [];
      for (const [value, { key, isDeleted }] of steps.entries()) {
        expected = expected.filter(([each]) => each !== key);
        if (isDeleted) entries.delete(key);
        else {
          entries.set(key, value);
          expected = [...expected, [key, value] as [number, number]].slice(-most);
        }
        expect([...entries.values()]).toEqual(expected.map(([, each]) => each));
      }
      expect(entries.size).toBe(expected.length);
      for (let key = 0; key < 10; key += 1) {
        expect(entries.get(key)).toBe(expected.find(([each]) => each === key)?.[1]);
        expect(entries.has(key)).toBe(expected.some(([each]) => each === key));
      }
    }),
  );
});

test('the oldest goes first through many times as many as are held', () => {
  const entries = newestEntries<number, number>(1000);
  for (let i = 0; i < 100_000; i += 1) entries.set(i, i);
  expect([...entries.values()]).toEqual(Array.from({ length: 1000 }, (_, i) => 99_000 + i));
});
