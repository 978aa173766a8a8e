import { describe, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { outOfDistributionScore } from '../../../src/gating/out-of-distribution.ts';
import { outlierScore } from '../../../src/gating/outlier-classifier.ts';
import type { ModelInput } from '../../../src/messages/prepared.ts';
import type { Model } from '../../../src/model/load-model.ts';
import {
  asIfOf,
  fitOutlierClassifier,
  type HeldOut,
  outOfDistributionLimits,
} from '../../../workbench/calibration/fit-out-of-distribution.ts';
import { readSites, type Site, toInput } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { grid, references } = openBundle(WEIGHTS).manifest;
const nickel = references.filter(({ element }) => element === 'Ni');
const oxides = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'Ni');
/** A hump 15 to 25 eV above the edge, where no distortion puts one. */
const outlying = oxides.slice(0, 4).map((site): Site => {
  const startEv = nickel[0]!.referenceEv + 15;
  const inHump = (energy: number) => energy > startEv && energy < startEv + 10;
  return {
    ...site,
    labels: { OCN: 0 },
    mu: site.mu.map((value, i) => value + (inHump(site.energyEv[i]!) ? 0.4 : 0)),
  };
});

/** Represents a spectrum by its mean in windows of 10 eV. */
function embeddingOf({ mu, mask }: ModelInput): Float32Array {
  return Float32Array.from([-15, -5, 5, 15, 25, 35, 45], (fromEv) => {
    const bins = [...grid.offsetsEv.keys()].filter((i) => {
      return mask[i] === 1 && grid.offsetsEv[i]! >= fromEv && grid.offsetsEv[i]! < fromEv + 10;
    });
    const sum = bins.reduce((total, i) => total + mu[i]!, 0);
    return bins.length === 0 ? 0.8 : sum / bins.length; // a window that was cut off is an average one
  });
}
const model = {
  predict: async (inputs: readonly ModelInput[]) =>
    inputs.map((input) => ({ outputs: {}, embedding: embeddingOf(input) })),
} as unknown as Pick<Model, 'predict'>;
const units = { mean: Array(7).fill(0.8), scale: Array(7).fill(0.2) };

/** Mean log odds of sites by a classifier that was shown these non-oxides. */
async function classifier(nonOxides: readonly Site[]): Promise<(sites: readonly Site[]) => number> {
  const random = seededRandom(3);
  const fitted = await fitOutlierClassifier({
    ...{ model, grid, references, training: oxides, nonOxides, units, random },
  });
  return (sites) => {
    const odds = sites.map((site) => {
      return outlierScore(embeddingOf(toInput(site, nickel[0]!, grid)!), 'Ni', fitted, units);
    });
    return odds.reduce((a, b) => a + b, 0) / odds.length;
  };
}

test('the classifier learns from computed non-oxides of the element, and of others as if they were of it', async () => {
  const [seen, unseen] = [outlying.slice(0, 2), outlying.slice(2)];
  const copper = references.find(({ element }) => element === 'Cu')!;
  const elsewhere = seen.map((site) => asIfOf(copper, site, references));
  expect(elsewhere[0]!.element).toBe('Cu');
  const [taught, untaught, taughtByCopper] = [
    await classifier(seen),
    await classifier([]),
    await classifier(elsewhere),
  ];
  const apart = (odds: typeof taught) => odds(unseen) - odds(oxides);
  expect(apart(taught)).toBeGreaterThan(0.2 + apart(untaught));
  expect(apart(taughtByCopper)).toBeGreaterThan(0.2 + apart(untaught));
});

test('as if of another element, a metal keeps its distance from the edge of the foil, on the scale it was computed on', () => {
  const [nickel, copper] = ['Ni', 'Cu'].map((name) => references.find(({ element }) => element === name)!);
  const [site] = oxides;
  const moved = asIfOf(copper!, site!, references);
  const fromFoil = (each: Site, { foilE0Ev, shiftsEv }: typeof copper & {}) =>
    each.energyEv[0]! + (shiftsEv[each.scale] ?? 0) - foilE0Ev;
  expect(fromFoil(moved, copper!)).toBeCloseTo(fromFoil(site!, nickel!), 9);
  expect(moved.mu).toBe(site!.mu);
});

describe('limits of what is in distribution', () => {
  const random = seededRandom(9);
  /** Distances about `distance`, odds of the classifier about -2, of the network of means -5. */
  const heldOut = (element: string, groups: number, distance: number, isRead = true) =>
    Array.from(
      { length: 4 * groups },
      (_, i): HeldOut => ({
        element,
        group: `${element} ${i % groups}`,
        bin: 0,
        distance: distance * (1 + 0.2 * random.normal()),
        odds: { classifier: -2 + random.normal(), means: isRead ? -5 + random.normal() : undefined },
      }),
    );
  const all = [
    ...heldOut('Cu', 150, 1),
    ...heldOut('Fe', 30, 3),
    ...heldOut('Cr', 5, 1),
    ...heldOut('O', 10, 9, false),
  ];
  const limitsOf = (element: string) =>
    outOfDistributionLimits(element, all, { bins: 1, quantile: 0.95, ownGroups: 20, classifierGroups: 100 });

  test.each([
    ['Cu', true],
    ['Fe', false],
  ])(
    'of %s: its own spectra set them, 95% are within, the classifier counts: %s',
    (element, byClassifier) => {
      const limits = limitsOf(element);
      expect(limits.outlierRanges.length).toBe(byClassifier ? 1 : 0);
      expect(limits.meansOutlierRanges).toHaveLength(1);
      const own = all.filter((each) => each.element === element);
      const within = own.filter(
        ({ distance, odds }) => outOfDistributionScore(distance, odds, limits, 0) <= 1,
      );
      expect(within.length / own.length).toBeGreaterThanOrEqual(0.95);
      expect(within.length / own.length).toBeLessThan(0.98);
    },
  );

  test('the metal detector counts where it has a range, in its units', () => {
    const metalRange = { middle: -5, limit: -1 };
    const options = { bins: 1, quantile: 0.95, ownGroups: 20, classifierGroups: 100, metalRange };
    const withMetal = all.map((each) => ({ ...each, odds: { ...each.odds, metal: -5 } }));
    const iron = outOfDistributionLimits('Fe', withMetal, options);
    expect(limitsOf('Fe').metalRanges).toBeUndefined();
    expect(iron.metalRanges).toHaveLength(1);
    const [{ middle, limit }] = iron.metalRanges as [typeof metalRange];
    const together = iron.outOfDistributionLimit[0]! / limitsOf('Fe').outOfDistributionLimit[0]!;
    expect(middle).toBe(-5);
    expect(limit).toBeGreaterThan(-1); // all figures together are larger than each
    expect(together).toBeCloseTo(1, 5); // of oxides with the usual odds the other limits stay
  });

  test('an element of few groups has those of all that are read alike, another kind of spectrum its own kind', () => {
    const [chromium, copper, oxygen] = ['Cr', 'Cu', 'O'].map(limitsOf);
    expect(chromium!.outOfDistributionLimit[0]).toBeGreaterThan(copper!.outOfDistributionLimit[0]!); // Fe among them
    expect(chromium!.outOfDistributionLimit[0]).toBeLessThan(6); // and no O
    expect(oxygen!.meansOutlierRanges).toBeUndefined();
    expect(oxygen!.outlierRanges).toHaveLength(1);
    expect(oxygen!.outOfDistributionLimit[0]).toBeGreaterThan(8);
  });
});
