import { expect, test } from '@jest/globals';
import { worksOf } from '../../src/consumers/works-of.ts';

function held() {
  let end = (_?: Error) => {};
  const work = () =>
    new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
  return { work, end: (error?: Error) => end(error) };
}

const isDone = async (promise: Promise<void>): Promise<boolean> => {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  return done;
};

test('waits until no more than so many works of a key are left; other keys do not count', async () => {
  const works = worksOf<number>();
  const [first, second, other] = [held(), held(), held()];
  works.add(1, first.work);
  works.add(1, second.work);
  works.add(2, other.work);
  const one = works.atMost(1, 1);
  const none = works.atMost(0, 1);
  expect(await isDone(one)).toBe(false);
  second.end();
  expect([await isDone(one), await isDone(none)]).toEqual([true, false]);
  first.end();
  expect(await isDone(none)).toBe(true);
  const all = works.ended();
  expect(await isDone(all)).toBe(false);
  other.end();
  expect(await isDone(all)).toBe(true);
});

test('tells whoever waits what a work threw, and nobody else', async () => {
  const works = worksOf<number>();
  const failing = held();
  works.add(1, failing.work);
  const waiting = works.atMost(0, 1);
  failing.end(new Error('away'));
  await expect(waiting).rejects.toThrow('away');
  await works.atMost(0, 1);
  const unheard = held();
  works.add(1, unheard.work);
  unheard.end(new Error('away'));
  await works.ended();
});
