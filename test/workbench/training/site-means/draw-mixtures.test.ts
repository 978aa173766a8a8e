import { describe, expect, test } from '@jest/globals';
import type { Site } from '../../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../../workbench/data/random.ts';
import {
  labelsOf,
  labelsWithMetal,
  type Mixture,
  mixtureSource,
  pools,
} from '../../../../workbench/training/site-means/draw-mixtures.ts';
import { batterySites } from './nickel-sites.ts';

const random = seededRandom(3);
/** Half of them as if of another calculation, some without an oxidation state. */
const sites = batterySites.map((site, i): Site => {
  const { OS, ...others } = site.labels;
  const scale = i % 2 === 0 ? 'feff9' : 'feff10';
  return { ...site, scale, labels: i % 7 === 0 || OS === undefined ? others : site.labels };
});
const source = mixtureSource(sites);
const metals = sites.filter(({ element }) => element !== 'O');
const drawn = Array.from({ length: 6 }, () => metals)
  .flat()
  .map((site) => source.mixtureWith(site, random));

describe('a mixture with a site', () => {
  test('holds it first, with one to three others of its element and its calculation', () => {
    drawn.forEach(({ sites: own }, i) => {
      const site = metals[i % metals.length]!;
      expect(own[0]).toBe(site);
      expect(own.every(({ element, scale }) => element === site.element && scale === site.scale)).toBe(true);
    });
    expect([...new Set(drawn.map(({ sites: own }) => own.length))].sort()).toEqual([2, 3, 4]);
  });

  test('has shares of any size that sum to 1', () => {
    for (const { sites: own, shares } of drawn) {
      expect(shares).toHaveLength(own.length);
      expect(shares.every((share) => share >= 0)).toBe(true);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
    const ofTwo = drawn.filter(({ shares }) => shares.length === 2).map(({ shares }) => shares[0]!);
    for (const [from, to] of [
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ] as const) {
      const inside = ofTwo.filter((share) => share >= from && share < to).length / ofTwo.length;
      expect(Math.abs(inside - 0.25)).toBeLessThan(0.06); // uniform
    }
  });

  test('is of sites of known state where the site’s is known', () => {
    for (const { sites: own } of drawn)
      if ('OS' in own[0]!.labels) expect(own.every(({ labels }) => 'OS' in labels)).toBe(true);
    expect(drawn.some(({ sites: own }) => !('OS' in own[0]!.labels))).toBe(true);
  });

  test('of two is of two states at least half of the time, where there are two', () => {
    const isSplit = (site: Site) =>
      sites.some(
        ({ element, scale, labels }) =>
          element === site.element && scale === site.scale && 'OS' in labels && labels.OS !== site.labels.OS,
      );
    const able = drawn.filter(
      ({ sites: own }) => own.length === 2 && 'OS' in own[0]!.labels && isSplit(own[0]!),
    );
    const unlike = able.filter(({ sites: own }) => own[0]!.labels.OS !== own[1]!.labels.OS);
    expect(able.length).toBeGreaterThan(200);
    expect(unlike.length / able.length).toBeGreaterThan(0.5);
  });
});

test('in an epoch every site comes once, as it is or as the first of a mixture', () => {
  const mixed = (share: number) => source.everySiteOnce(share, seededRandom(5));
  const ids = (mixtures: readonly Mixture[]) => mixtures.map(({ sites: own }) => own[0]!.id).sort();
  const all = sites.map(({ id }) => id).sort();
  expect(mixed(0).every(({ sites: own, shares }) => own.length === 1 && shares[0] === 1)).toBe(true);
  for (const share of [0, 0.5, 1]) {
    expect(ids(mixed(share))).toEqual(all);
    const several = mixed(share).filter(({ sites: own }) => own.length > 1).length / sites.length;
    expect(Math.abs(several - share)).toBeLessThan(0.1);
  }
  expect(mixed(0.5).map(({ sites: own }) => own[0]!.id)).not.toEqual(sites.map(({ id }) => id));
});

test('pools are of one element and one calculation', () => {
  const found = pools(sites);
  expect([...found.values()].flat()).toHaveLength(sites.length);
  for (const [key, own] of found)
    expect(new Set(own.map(({ element, scale }) => `${element}/${scale}`))).toEqual(new Set([key]));
});

describe('what is known of a mixture', () => {
  const site = (labels: Site['labels'], weights: Site['weights'] = {}) => ({ labels, weights });

  test('are the means of its labels by the shares, and whether they differ', () => {
    const sites = [site({ OS: 2, CN: 6 }), site({ OS: 4, CN: 6 })];
    expect(labelsOf({ sites, shares: [0.7, 0.3] })).toEqual({
      OS: { mean: expect.closeTo(2.6, 12), weight: 1, differ: true },
      CN: { mean: expect.closeTo(6, 12), weight: 1, differ: false },
    });
  });

  test('a share that is not seen makes no difference, though it counts in the mean', () => {
    const sites = [site({ OS: 2 }), site({ OS: 4 })];
    expect(labelsOf({ sites, shares: [0.96, 0.04] }).OS).toMatchObject({
      ...{ differ: false, mean: expect.closeTo(2.08, 12) },
    });
    expect(labelsOf({ sites, shares: [0.94, 0.06] }).OS!.differ).toBe(true);
  });

  test('it is left out where one site lacks the label', () => {
    const sites = [site({ OS: 2, CN: 6 }), site({ CN: 4 })];
    expect(Object.keys(labelsOf({ sites, shares: [0.99, 0.01] }))).toEqual(['CN']);
    expect(labelsOf({ sites: [site({})], shares: [1] })).toEqual({});
  });

  test('it is worth as little as the least sure of its labels', () => {
    const sites = [site({ OS: 2 }, { OS: 0.9 }), site({ OS: 3 }, { OS: 0.4 })];
    expect(labelsOf({ sites, shares: [0.5, 0.5] }).OS!.weight).toBe(0.4);
  });
});

test('a share of metal counts as a site of oxidation state 0 with neighbours of its own', () => {
  const oxide = { labels: { OS: 2, CN: 6, OCN: 6 }, weights: { OS: 1, CN: 0.8, OCN: 1 } };
  const metal = { labels: { OS: 0, CN: 12, OCN: 0 }, weights: {} };
  expect(labelsWithMetal({ sites: [oxide], shares: [1] }, metal, 0.25)).toEqual({
    OS: { mean: 1.5, weight: 1, differ: true },
    CN: { mean: 7.5, weight: 0.8, differ: true },
    OCN: { mean: 4.5, weight: 1, differ: true },
  });
  const little = labelsWithMetal({ sites: [oxide], shares: [1] }, metal, 0.04);
  expect(little.OS!.differ).toBe(false);
  const unknown = { ...oxide, labels: { CN: 6, OCN: 6 } };
  expect(labelsWithMetal({ sites: [unknown], shares: [1] }, metal, 0.25).OS).toBeUndefined();
});
