import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { judgedAs } from '../../../src/gating/gate-table.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import { cutAnywhere, isWide } from '../../../workbench/calibration/cut-short.ts';
import {
  elementsWithOwn,
  type HeldOutCase,
  OWN_MATERIALS,
} from '../../../workbench/calibration/judge-elements.ts';
import type { Site } from '../../../workbench/data/dataset.ts';
import { perturb } from '../../../workbench/data/perturb.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { scanOfSite } from '../../../workbench/data/scan-of-site.ts';
import { WEIGHTS } from '../../model/golden.ts';

const {
  manifest,
  gate: { table },
} = openBundle(WEIGHTS);
const copper = manifest.references.find(({ element }) => element === 'Cu')!;
const middleEv = copper.referenceEv;
const energyEv = Float64Array.from({ length: 560 }, (_, i) => middleEv - 10 + i / 4); // to +129.75 eV
const site: Site = {
  id: 'edge',
  material: 'edge',
  group: 'edge',
  element: 'Cu',
  edge: 'K',
  scale: 'feff9',
  decoded: false,
  energyEv,
  mu: energyEv.map((energy) => 0.5 + Math.atan((energy - middleEv) / 1.5) / Math.PI),
  labels: {},
  meanOxidationState: null,
  weights: {},
};
const prepare = makePrepare(manifest);

test('a copper scan is judged as short by the shipped table if it ends below +60 eV, counted from the middle of the edge', () => {
  const { short, ...whole } = table.elements.Cu!;
  expect(short).toBeDefined();
  const judged = (cut: Site) => {
    const prepared = prepare(scanOfSite(cut));
    if (isReject(prepared)) throw new Error(prepared.detail);
    return judgedAs(table, prepared.input);
  };
  const until = (endEv: number) => judged(perturb(site, { endEv }, middleEv, seededRandom(1)));
  expect(judged(site)).toMatchObject(whole);
  expect(until(61)).toMatchObject(whole);
  expect(until(60)).toEqual(short);
  const random = seededRandom(5);
  const ends = Array.from({ length: 100 }, () => {
    const cut = cutAnywhere(site, manifest, random);
    expect(judged(cut)).toEqual(short); // and none lacks what is required
    return cut.energyEv.at(-1)! - middleEv;
  });
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(manifest.grid.requiredToEv);
  expect(Math.min(...ends)).toBeLessThan(22);
  expect(Math.max(...ends)).toBeGreaterThan(57);
});

test('wide is what the network reads beyond short scans; judged apart is what has materials enough', () => {
  expect(['Cu', 'Mn', 'Ti', 'Li'].filter((element) => isWide(manifest, element))).toEqual(['Cu']);
  const { grid } = manifest;
  const narrow = { ...manifest, grid: { ...grid, offsetsEv: grid.offsetsEv.map((offset) => offset / 3) } };
  expect(isWide(narrow, 'Cu')).toBe(false);
  const cases = Array.from({ length: OWN_MATERIALS }, (_, i) => {
    return { site: { ...site, group: String(i) } } as unknown as HeldOutCase;
  });
  expect(elementsWithOwn(cases)).toEqual(['Cu']);
  expect(elementsWithOwn(cases.slice(1))).toEqual([]);
});
