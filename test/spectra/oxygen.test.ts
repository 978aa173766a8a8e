import { expect, test } from '@jest/globals';
import { isReject } from '../../src/messages/reject.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { readSites } from '../../workbench/data/dataset.ts';
import { perturb } from '../../workbench/data/perturb.ts';
import { seededRandom } from '../../workbench/data/random.ts';
import { scanOfSite } from '../../workbench/data/scan-of-site.ts';
import { defaultGrid } from '../../workbench/training/grid.ts';
import { fitReferences } from '../../workbench/training/references.ts';

const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'O');
const references = fitReferences(sites, {});
const prepare = makePrepare({ grid: defaultGrid(), references });

test.each([0, 0.05, 0.1])('every oxygen spectrum can be prepared with noise of %d', (sigma) => {
  const random = seededRandom(1);
  expect(sites.length).toBe(29);
  for (const site of sites) {
    const prepared = prepare(scanOfSite(perturb(site, { noise: sigma }, 0, random)));
    if (isReject(prepared)) throw new Error(`${site.id}: ${prepared.detail}`);
    expect(prepared.preparation.edgeStep).toBeGreaterThan(0.8);
    expect(prepared.preparation.edgeStep).toBeLessThan(1.4);
  }
});

test('the peak before the edge lies on the axis', () => {
  const grid = defaultGrid();
  for (const site of sites) {
    const rise = site.energyEv[site.mu.findIndex((value) => value > 0.5)]!;
    expect(rise - references[0]!.referenceEv).toBeGreaterThan(grid.offsetsEv[0]!);
  }
});

test('a measured oxygen edge with a pre-edge gets the polynomials of its range', () => {
  const energyEv = Float64Array.from({ length: 200 }, (_, i) => 495 + 0.6 * i);
  const mu = energyEv.map((energy) => {
    const edge = 0.5 + Math.atan((energy - 536) / 1.2) / Math.PI;
    return 3 - 0.002 * (energy - 532) + 0.7 * edge + 0.4 * Math.exp(-(((energy - 531) / 0.8) ** 2));
  });
  const prepared = prepare({ ...scanOfSite(sites[0]!), energyEv, mu, metadata: {} });
  if (isReject(prepared)) throw new Error(prepared.detail);
  expect(prepared.preparation.edgeStep).toBeCloseTo(0.7, 1);
  expect(prepared.preparation.preEdgeRangeEv).not.toBeNull();
  expect(prepared.preparation.postEdgeDegree).toBe(1);
});
