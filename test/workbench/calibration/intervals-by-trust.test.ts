import { expect, test } from '@jest/globals';
import { intervalsByTrust } from '../../../workbench/calibration/intervals-by-trust.ts';
import { seededRandom } from '../../../workbench/data/random.ts';

const random = seededRandom(4);
/** Errors in sigmas, eight times as large where nothing is trusted as where all is. */
const scores = Array.from({ length: 4000 }, () => {
  const trust = random.uniform();
  return { trust, score: (1 + 7 * (1 - trust)) * Math.abs(random.normal()) };
});

test('intervals hold as often as they state at every trust, not on the whole alone', () => {
  const { edges, width, widthAt } = intervalsByTrust('real', scores)!;
  expect([edges.length, width.length]).toEqual([9, 10]);
  const rangeOf = (trust: number) => edges.filter((end) => trust >= end).length;
  for (const range of width.keys()) {
    const own = scores.filter(({ trust }) => rangeOf(trust) === range);
    const held = own.filter(({ score }) => score <= width[range]!).length / own.length;
    expect(held).toBeGreaterThan(0.895); // widths are rounded
    expect(held).toBeLessThan(0.92);
    expect(widthAt['0.5']![range]!).toBeLessThan(width[range]!);
  }
  expect(width[0]!).toBeGreaterThan(4 * width[9]!);
});

test('of a class they are the least probability that a class in the set has', () => {
  const doubts = scores.map(({ trust }) => ({ trust, score: (1 - trust) * random.uniform() }));
  const { width } = intervalsByTrust('class', doubts)!;
  expect(width[9]!).toBeGreaterThan(0.9);
  expect(width[0]!).toBeLessThan(0.2);
});

test('few samples share one range, and what all are trusted alike does too', () => {
  expect(intervalsByTrust('real', scores.slice(0, 150))!.edges).toEqual([]);
  const alike = scores.map(({ score }) => ({ trust: 0.5, score }));
  const { edges, width } = intervalsByTrust('real', alike)!;
  expect([edges.length, width.length]).toEqual([0, 1]);
});

test('where an interval cannot be told there is none, and noise alone decides', () => {
  expect(intervalsByTrust('real', scores.slice(0, 5))).toBeUndefined(); // no quantile of 90%
  expect(intervalsByTrust('real', [])).toBeUndefined();
  expect(intervalsByTrust('class', [])).toBeUndefined();
  const nearlySure = scores.map(({ trust, score }) => ({ trust: trust < 0.5 ? trust : 0.9999996, score }));
  for (const width of intervalsByTrust('real', nearlySure)!.width) expect(width).toBeLessThan(99);
});
