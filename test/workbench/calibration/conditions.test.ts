import { describe, expect, test } from '@jest/globals';
import { isReject } from '../../../src/messages/reject.ts';
import type { Scan } from '../../../src/messages/scan.ts';
import { STATED_SIGMA } from '../../../src/spectra/energy-sigma.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import {
  type Circumstance,
  CONDITIONS,
  conditionsOfMetals,
  scanOf,
} from '../../../workbench/calibration/conditions.ts';
import { readMetals } from '../../../workbench/calibration/non-oxides.ts';
import { offsetsOf } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { mixtureSource } from '../../../workbench/training/site-means/draw-mixtures.ts';
import { manifest, nickel, nickelSites } from '../training/site-means/nickel-sites.ts';

const prepare = makePrepare(manifest);
const source = mixtureSource(nickelSites);
const random = seededRandom(6);
const sites = nickelSites.slice(0, 12);
const first = sites[0]!;
const metals = readMetals(manifest.references);
const ALL = [...CONDITIONS, ...conditionsOfMetals(metals)];
const draws = new Map(
  ALL.map((condition) => [
    condition.name,
    sites.map((site) => {
      const circumstance = condition.draw(site, source, random)!;
      return { site, circumstance, scan: scanOf(circumstance, nickel, random)! };
    }),
  ]),
);
const scanWith = (circumstance: Omit<Circumstance, 'mixture'>, seed = 1): Scan =>
  scanOf({ mixture: { sites: [first], shares: [1] }, ...circumstance }, nickel, seededRandom(seed))!;
/** eV about the middle of the edge. */
const offsetsIn = ({ energyEv }: Scan) => offsetsOf({ ...first, energyEv }, nickel);

test('have names of their own', () => {
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});

test.each(ALL.map(({ name }) => name))('under "%s" scans can be prepared', (name) => {
  const { isMixture = false, isNothing = false } = ALL.find((each) => each.name === name)!;
  for (const { site, circumstance, scan } of draws.get(name)!) {
    expect(scan.mu!.every(Number.isFinite)).toBe(true);
    expect(scan).toMatchObject({ scanId: site.id, element: 'Ni' });
    expect(circumstance.mixture.sites[0]).toBe(site);
    expect(circumstance.mixture.sites.length > 1 || circumstance.metal !== undefined).toBe(isMixture);
    expect(circumstance.nothing !== undefined).toBe(isNothing);
  }
  const refused = draws.get(name)!.flatMap(({ scan }) => {
    const prepared = prepare(scan);
    return isReject(prepared) ? [prepared.reason] : [];
  });
  // A flat top is taken for a saturated detector; what is no spectrum at all need not look like an edge, and energies
  // that are off may leave the range.
  const most = name === 'clipped' ? sites.length - 2 : isNothing ? 6 : 4;
  expect(refused.length).toBeLessThanOrEqual(most);
  if (name === 'clipped') expect(new Set(refused)).toEqual(new Set(['saturated-channel']));
});

test('a sample that is metal in part absorbs before the edge of its oxide, the more the more metal', () => {
  const metal = metals.find(({ element }) => element === 'Ni')!;
  const [little, much] = [0.2, 0.8].map((share) => {
    const scan = scanWith({ metal: { site: metal, share, lateEv: 0 } });
    const before = nickel.foilE0Ev - nickel.referenceEv + 3;
    return scan.mu![offsetsIn(scan).findIndex((offset) => offset > before)]!;
  }) as [number, number];
  expect(little).toBeGreaterThan(0.05);
  expect(much).toBeGreaterThan(2 * little);
});

test('a clean scan is the site as it was computed, and no other is', () => {
  for (const { site, scan } of draws.get('clean')!) {
    expect(scan.mu).toEqual(site.mu);
    expect(scan.energyEv).toEqual(site.energyEv);
  }
  for (const [name, drawn] of draws) {
    if (name === 'clean') continue;
    for (const { site, scan } of drawn)
      expect({
        name,
        same: scan.mu!.join() === site.mu.join() && scan.energyEv.join() === site.energyEv.join(),
      }).toEqual({ name, same: false });
  }
});

test('only what knows its energies states how well', () => {
  for (const [name, drawn] of draws) {
    const stated = /known to (\d) eV/.exec(name)?.[1];
    for (const { scan } of drawn) expect(scan.metadata[STATED_SIGMA]).toBe(stated);
  }
});

describe('a circumstance', () => {
  test('of energies moves them, and mu not', () => {
    const moved = scanWith({ shiftEv: 1.5, statedSigmaEv: 2 });
    expect(moved.mu).toEqual(first.mu);
    moved.energyEv.forEach((energy, i) => {
      expect(energy - first.energyEv[i]!).toBeCloseTo(1.5, 9);
    });
    expect(moved.metadata).toMatchObject({ [STATED_SIGMA]: '2', 'energy.scale': first.scale });
  });

  test('of an early end cuts there, as counted from the middle of the edge', () => {
    const offsets = offsetsIn(scanWith({ endEv: 25 }));
    expect(offsets.at(-1)!).toBeLessThanOrEqual(25);
    expect(offsets.at(-1)!).toBeGreaterThan(20);
    expect(offsets[0]).toBe(offsetsOf(first, nickel)[0]);
  });

  test('of noise has its size, and comes back with its seed', () => {
    const noisy = scanWith({ noise: 0.1 });
    expect(scanWith({ noise: 0.1 }).mu).toEqual(noisy.mu);
    const rms = Math.sqrt(
      noisy.mu!.reduce((sum, value, i) => sum + (value - first.mu[i]!) ** 2, 0) / noisy.mu!.length,
    );
    expect(rms).toBeGreaterThan(0.06);
    expect(rms).toBeLessThan(0.14);
  });

  test('of self-absorption lowers the top', () => {
    const damped = scanWith({ distortion: { selfAbsorption: 1 } });
    expect(Math.max(...damped.mu!)).toBeLessThan(Math.max(...first.mu) - 0.05);
    expect(damped.energyEv.every((energy) => first.energyEv.includes(energy))).toBe(true);
  });

  test('of a mixture is the weighted mean of its sites', () => {
    const other = sites.find(({ labels }) => labels.OS !== first.labels.OS) ?? sites[5]!;
    const of = (shares: readonly number[]) =>
      scanOf({ mixture: { sites: [first, other], shares } }, nickel, seededRandom(1))!.mu!;
    const [own, others, mixed] = [of([1, 0]), of([0, 1]), of([0.3, 0.7])];
    expect(mixed.length).toBeGreaterThan(50);
    expect(others).not.toEqual(own);
    mixed.forEach((value, i) => {
      expect(value).toBeCloseTo(0.3 * own[i]! + 0.7 * others[i]!, 5);
    });
  });

  test('of sites that do not meet gives no scan', () => {
    const far = { ...sites[1]!, fine: { from: 600, mu: Float64Array.of(1, 1, 1) } };
    const mixture = { sites: [first, far], shares: [0.5, 0.5] };
    expect(scanOf({ mixture }, nickel, seededRandom(1))).toBeNull();
  });
});
