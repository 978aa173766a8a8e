import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import { outlierSpectrum } from '../../../workbench/calibration/outlier-spectra.ts';
import { readSites } from '../../../workbench/data/dataset.ts';
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
