import { describe, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import { readNonOxides } from '../../../workbench/calibration/non-oxides.ts';
import { outlierSpectrum, withComputedMetal } from '../../../workbench/calibration/outlier-spectra.ts';
import { offsetsOf, readSites } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { scanOfSite } from '../../../workbench/data/scan-of-site.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { manifest } = openBundle(WEIGHTS);

test.each(['metallic', 'half metallic'] as const)(
  'a %s spectrum begins below the edge of the foil, rises, and is one that preparation takes',
  (kind) => {
    const reference = manifest.references.find(({ element }) => element === 'Ni')!;
    const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'Ni');
    const prepare = makePrepare(manifest);
    const random = seededRandom(3);
    for (const site of sites.slice(0, 40)) {
      const made = outlierSpectrum(kind, site, reference, random);
      const scaleEv = reference.shiftsEv[site.scale]!;
      expect(made.energyEv[0]! + scaleEv).toBeLessThanOrEqual(reference.foilE0Ev - 20);
      expect(made.energyEv.every((energy, i) => i === 0 || energy > made.energyEv[i - 1]!)).toBe(true);
      expect(made.mu.length).toBe(made.energyEv.length);
      expect(made.mu[0]).toBeLessThan(0.15);
      expect(isReject(prepare(scanOfSite(made)))).toBe(false);
    }
  },
);

describe('a share of a computed metal', () => {
  const reference = manifest.references.find(({ element }) => element === 'Ni')!;
  const oxide = readSites('data/battery-feff10/sites.jsonl').find(({ element }) => element === 'Ni')!;
  const metal = readNonOxides(manifest.references).find(({ kind, element }) => {
    return kind === 'metal' && element === 'Ni';
  })!;
  const footOf = ({ energyEv, mu }: typeof metal) => energyEv[mu.findIndex((value) => value >= 0.25)]!;

  test('whole, its edge begins where the foil has it, or where it was computed', () => {
    const scaleEv = reference.shiftsEv[oxide.scale]!;
    const atFoil = withComputedMetal(oxide, metal, 1, 'foil', reference);
    expect(Math.abs(footOf(atFoil) + scaleEv - reference.foilE0Ev)).toBeLessThan(1);
    const asComputed = withComputedMetal(oxide, metal, 1, 'as computed', reference);
    expect(Math.abs(footOf(asComputed) - footOf(metal))).toBeLessThan(1);
  });

  test('half of it is halfway between, and begins below both edges', () => {
    const [none, half, whole] = [0, 0.5, 1].map((share) => {
      return withComputedMetal(oxide, metal, share, 'foil', reference);
    }) as [typeof oxide, typeof oxide, typeof oxide];
    expect(offsetsOf(half, reference)[0]).toBeLessThan(reference.foilE0Ev - reference.referenceEv - 10);
    for (let i = 0; i < half.mu.length; i += 10)
      expect(half.mu[i]).toBeCloseTo((none.mu[i]! + whole.mu[i]!) / 2, 6);
    expect(isReject(makePrepare(manifest)(scanOfSite(half)))).toBe(false);
  });
});
