import { describe, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { readSites, toInput } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { AUGMENTATION, type Augmentation, augmenter } from '../../../workbench/training/augment.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { grid, references } = openBundle(WEIGHTS).manifest;
const site = readSites('data/battery-feff10/sites.jsonl').find(({ element }) => element === 'Ni')!;
const reference = references.find(({ element }) => element === 'Ni')!;
const plain = toInput(site, reference, grid)!;
const NONE: Augmentation = {
  noise: 0,
  broadeningEv: { feff9: 0, feff10: 0 },
  shiftEv: 0,
  gain: 0,
  tilt: 0,
  offset: 0,
  truncation: 0,
};

test('no augmentation leaves the spectrum as it is', () => {
  const input = augmenter(grid, NONE)(site, reference, seededRandom(1));
  expect(input).toEqual(plain);
});

describe('many variations', () => {
  const random = seededRandom(1);
  const augment = augmenter(grid, AUGMENTATION);
  const inputs = Array.from({ length: 200 }, () => augment(site, reference, random));
  const required = [...grid.offsetsEv.keys()].filter((i) => {
    return grid.offsetsEv[i]! >= grid.requiredFromEv && grid.offsetsEv[i]! <= grid.requiredToEv;
  });

  test('always cover the required range', () => {
    expect(inputs.every(({ mask }) => required.every((i) => mask[i] === 1))).toBe(true);
  });

  test('are cut to windows of many lengths', () => {
    const lengths = new Set(inputs.map(({ mask }) => mask.reduce((a, b) => a + b, 0)));
    expect(lengths.size).toBeGreaterThan(20);
  });

  test('hold nothing where nothing was measured, and numbers elsewhere', () => {
    expect(
      inputs.every(({ mu, mask }) => mu.every((v, i) => Number.isFinite(v) && (mask[i] === 1 || v === 0))),
    ).toBe(true);
  });
});

test('broadening lowers the white line and keeps the area', () => {
  const broad = augmenter(grid, { ...NONE, broadeningEv: { feff9: 0, feff10: 1.2 } });
  const random = { uniform: () => 0.999, normal: () => 0 };
  const { mu } = broad(site, reference, random);
  expect(Math.max(...mu)).toBeLessThan(Math.max(...plain.mu) - 0.02);
  const area = (values: Float32Array) =>
    values
      .slice(10, 90)
      .reduce((sum, v, i) => sum + v * (grid.offsetsEv[i + 11]! - grid.offsetsEv[i + 9]!), 0);
  expect(area(mu) / area(plain.mu)).toBeCloseTo(1, 2);
});
