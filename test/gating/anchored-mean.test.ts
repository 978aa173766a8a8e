import { describe, expect, test } from '@jest/globals';
import { anchoredMean, halfBetween } from '../../src/gating/anchored-mean.ts';
import { GRID } from '../spectra/synthetic-edge.ts';
import { edgeAt, inputOf, mixed, standardOf } from './example-means.ts';

const [two, three, four] = [edgeAt(0), edgeAt(2.2), edgeAt(4, 0.7)];
/** Where the network reads nothing of the scan, unless it is said what it reads. */
const read = (mu: Float32Array, ...standards: Parameters<typeof anchoredMean>[2]) =>
  readWith(Number.NaN, mu, ...standards);
const readWith = (byNetwork: number, mu: Float32Array, ...standards: Parameters<typeof anchoredMean>[2]) =>
  anchoredMean(inputOf(mu), byNetwork, standards, GRID.offsetsEv);

describe('between two standards', () => {
  test.each([0, 0.2, 0.5, 0.9, 1])('a mixture with %d of the second is read right', (share) => {
    const reading = read(mixed(two, three, share), standardOf(two, 2), standardOf(three, 3))!;
    expect(Math.abs(reading.value - (2 + share))).toBeLessThan(0.03);
    expect(reading.spread).toBeLessThan(0.06);
  });

  test('their order does not matter', () => {
    const scan = mixed(two, three, 0.3);
    const reading = read(scan, standardOf(two, 2), standardOf(three, 3))!;
    expect(read(scan, standardOf(three, 3), standardOf(two, 2))!.value).toBeCloseTo(reading.value, 6);
  });

  test('what lies beyond them is read beyond them', () => {
    expect(read(edgeAt(4.4), standardOf(two, 2), standardOf(three, 3))!.value).toBeGreaterThan(3.5);
    expect(read(edgeAt(-2.2), standardOf(two, 2), standardOf(three, 3))!.value).toBeLessThan(1.5);
  });

  test('what is no mixture of them makes its readings differ', () => {
    const strange = edgeAt(1.1, 1.4);
    const mixture = mixed(two, three, 0.5);
    const spreads = [strange, mixture].map(
      (mu) => read(mu, standardOf(two, 2), standardOf(three, 3))!.spread,
    );
    expect(spreads[0]).toBeGreaterThan(3 * spreads[1]!);
  });

  test('what is not known of them is not known of the scan', () => {
    const [low, high] = [
      standardOf(two, 2, { uncertainty: 0.3 }),
      standardOf(three, 3, { uncertainty: 0.1 }),
    ];
    expect(read(two, low, high)!.fromStandards).toBeCloseTo(Math.sqrt((0.09 + 0.01) / 2), 9);
  });

  test('a scan that begins in its edge is read by combinations alone', () => {
    const { mu, mask } = inputOf(mixed(two, three, 0.5));
    const late = { mu, mask: mask.map((value, i) => (GRID.offsetsEv[i]! < 1.5 ? 0 : value)) };
    const reading = anchoredMean(
      late,
      Number.NaN,
      [standardOf(two, 2), standardOf(three, 3)],
      GRID.offsetsEv,
    )!;
    expect(reading.value).toBeCloseTo(2.5, 3);
    expect(reading.spread).toBeLessThan(1e-3);
  });
});

describe('what the network reads', () => {
  const scan = mixed(two, three, 0.5);
  /** It takes the standards for 2.5 and 3: half of a movement by the truth. */
  const low = standardOf(two, 2, { read: 2.5 });
  const high = standardOf(three, 3, { read: 3 });
  const alone = read(scan, low, high)!;

  test('counts as two of six, by the line through what it reads of the standards', () => {
    const same = readWith(2.5 + 0.5 * (alone.value - 2), scan, low, high)!;
    expect(same.value).toBeCloseTo(alone.value, 6);
    const higher = readWith(2.5 + 0.5 * (alone.value - 2) + 0.3, scan, low, high)!;
    expect(higher.value - alone.value).toBeCloseTo((2 / 6) * (0.3 / 0.5), 6);
    expect(higher.spread).toBeGreaterThan(alone.spread + 0.2);
  });

  test('does not count where it hardly tells the standards apart, or read none of them', () => {
    const alike = standardOf(three, 3, { read: 2.79 });
    expect(readWith(9, scan, low, alike)).toEqual(read(scan, low, alike));
    const { siteMeans: _, ...prediction } = high.prediction;
    expect(readWith(9, scan, low, { ...high, prediction })).toEqual(alone);
  });
});

test('lines through standards whose edges hardly differ are left out: they would leap', () => {
  const [low, high] = [edgeAt(2), edgeAt(2.1, 0.6)]; // told apart by what is behind the edge
  const standards = [standardOf(low, 3), standardOf(high, 4)];
  expect(Math.abs(read(mixed(low, high, 0.5), ...standards)!.value - 3.5)).toBeLessThan(0.05);
  const later = read(edgeAt(3, 0.8), ...standards)!; // by the lines it would be -3
  expect(later.value).toBeGreaterThan(2);
  expect(later.value).toBeLessThan(5);
  expect(later.spread).toBeLessThan(1.5);
});

test('between standards that are one spectrum with noise nothing is read', () => {
  const again = two.map((value, i) => value + 0.004 * Math.sin(37 * i)); // and a label of another state
  expect(read(edgeAt(1), standardOf(two, 2), standardOf(again, 3))).toBeNull();
  const reading = read(
    mixed(two, three, 0.5),
    standardOf(two, 2),
    standardOf(again, 2.4),
    standardOf(three, 3),
  )!;
  expect(Math.abs(reading.value - 2.5)).toBeLessThan(0.2);
});

describe('there is nothing to read between', () => {
  test.each([
    ['no standard', []],
    ['one standard', [standardOf(two, 2)]],
    ['two that are too alike', [standardOf(two, 2), standardOf(three, 2.1)]],
    ['one beside a foil', [standardOf(two, 2), standardOf(three, null)]],
  ])('%s', (_, standards) => {
    expect(read(mixed(two, three, 0.5), ...standards)).toBeNull();
  });
});

describe('among three standards', () => {
  const standards = [standardOf(two, 2), standardOf(three, 3), standardOf(four, 4)];

  test.each([
    ['the first two', mixed(two, three, 0.5), 2.5, 0.08],
    ['the last two', mixed(three, four, 0.5), 3.5, 0.08],
    ['the first and the last', mixed(two, four, 0.5), 3, 0.15], // its edge lies off the line through three
  ])('a mixture of %s is read right', (_, mu, value, within) => {
    expect(Math.abs(read(mu, ...standards)!.value - value)).toBeLessThan(within);
  });

  test('a pair that is alike is passed over, and the rest is used', () => {
    const alike = standardOf(edgeAt(0.1, 0.1), 2.05);
    expect(Math.abs(read(mixed(two, three, 0.5), alike, ...standards)!.value - 2.5)).toBeLessThan(0.15);
  });
});

describe('the half of its interval', () => {
  const figures = { floor: 0.03, ofSpan: 0.1, ofBeyond: 0.5, factor: { V: 3, other: 2 } };

  test('is that of what readings differ by, and of what all may be off by alike', () => {
    expect(halfBetween({ spread: 0.3, span: 0, beyond: 0 }, 'Fe', figures)).toBeCloseTo(2 * 0.33, 9);
    expect(halfBetween({ spread: 0, span: 2, beyond: 0 }, 'Fe', figures)).toBeCloseTo(2 * 0.23, 9);
    expect(halfBetween({ spread: 0.3, span: 4, beyond: 0 }, 'Fe', figures)).toBeCloseTo(2 * 0.53, 9);
  });

  test('grows with how far the reading lies beyond all standards', () => {
    expect(halfBetween({ spread: 0, span: 1, beyond: 2 }, 'Fe', figures)).toBeCloseTo(
      2 * (0.03 + Math.hypot(0.1, 1)),
      9,
    );
    const [low, high] = [standardOf(two, 2), standardOf(three, 3)];
    expect(read(mixed(two, three, 0.5), low, high)!.beyond).toBe(0);
    for (const mu of [edgeAt(4.4), edgeAt(-2.2)]) {
      const { value, beyond } = read(mu, low, high)!;
      expect(beyond).toBeCloseTo(Math.max(2 - value, value - 3), 9);
      expect(beyond).toBeGreaterThan(0.5);
    }
  });

  test('has a factor of its own for an element that is read worse', () => {
    expect(halfBetween({ spread: 0, span: 2, beyond: 0 }, 'V', figures)).toBeCloseTo(3 * 0.23, 9);
  });

  test.each([
    ['between the first two', mixed(two, three, 0.5), [2, 3, 5], 1],
    ['between the last two', mixed(three, four, 0.5), [2, 3, 5], 2],
    ['beyond the last', edgeAt(8, 0.7), [2, 3, 5], 2],
    ['beside one of a pair that is alike', edgeAt(0), [2, 3, 2.05], 0.95],
  ])('is by the distance of the standards that lie next to it: %s', (_, mu, states, span) => {
    const standards = [two, three, states[2]! > 3 ? four : edgeAt(0.1, 0.1)].map((edge, i) =>
      standardOf(edge, states[i]!),
    );
    expect(read(mu, ...standards)!.span).toBeCloseTo(span, 9);
  });
});
