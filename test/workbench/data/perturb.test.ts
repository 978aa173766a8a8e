import { expect, test } from '@jest/globals';
import { readSites } from '../../../workbench/data/dataset.ts';
import { perturb } from '../../../workbench/data/perturb.ts';
import { seededRandom } from '../../../workbench/data/random.ts';

const site = readSites('data/battery-feff10/sites.jsonl')[0]!;

test('nothing changes nothing', () => {
  expect(perturb(site, {}, 4979, seededRandom(1))).toEqual(site);
  expect(perturb(site, { noise: 0, factor: 1, tilt: 0, shiftEv: 0 }, 4979, seededRandom(1))).toEqual(site);
});

test('a scan that ends early keeps what lies below', () => {
  const middleEv = site.energyEv[3]!;
  const endEv = site.energyEv[5]! - middleEv;
  const cut = perturb(site, { endEv }, middleEv, seededRandom(1));
  expect([...cut.energyEv]).toEqual([...site.energyEv.slice(0, 6)]);
  expect([...cut.mu]).toEqual([...site.mu.slice(0, 6)]);
});

test('the factor multiplies, the tilt is added, the shift moves the energies', () => {
  const changed = perturb(site, { factor: 1.1, tilt: 0.05, shiftEv: 2 }, 4979, seededRandom(1));
  const i = 50;
  expect(changed.mu[i]).toBeCloseTo(1.1 * site.mu[i]! + (0.05 * (site.energyEv[i]! - 4979)) / 100, 10);
  expect(changed.energyEv[i]).toBeCloseTo(site.energyEv[i]! + 2, 10);
});

test('noise has the stated size and comes back with its seed', () => {
  const noisy = (seed: number) => perturb(site, { noise: 0.05 }, 4979, seededRandom(seed)).mu;
  expect(noisy(1)).toEqual(noisy(1));
  expect(noisy(1)).not.toEqual(noisy(2));
  const differences = Array.from({ length: 50 }, (_, seed) =>
    [...noisy(seed)].map((v, i) => v - site.mu[i]!),
  ).flat();
  const sigma = Math.sqrt(differences.reduce((sum, d) => sum + d * d, 0) / differences.length);
  expect(sigma).toBeGreaterThan(0.048);
  expect(sigma).toBeLessThan(0.052);
});
