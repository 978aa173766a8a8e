import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { readNonOxides, withPreEdge } from '../../../workbench/calibration/non-oxides.ts';
import { toInput } from '../../../workbench/data/dataset.ts';
import { readTrainingData } from '../../../workbench/data/training-data.ts';
import { checkRecord } from '../../../workbench/generate/check-record.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { references, grid } = openBundle(WEIGHTS).manifest;
const FILE = 'data/non-oxides/sites.jsonl';

test('the shipped non-oxides are whole, have no oxygen beside them and no oxidation state', () => {
  const records = linesOf<SiteRecord>(FILE);
  expect(records.length).toBeGreaterThan(20);
  for (const record of records) {
    expect([record.id, checkRecord(record)]).toEqual([record.id, null]);
    expect(record.labels).toMatchObject({ OS: null, OCN: 0 });
    expect(record.kind).toEqual(expect.any(String));
    expect(record.neighbours).not.toContain('O');
  }
});

test('are read with their kinds, of the elements that the model knows', () => {
  const copper = references.filter(({ element }) => element === 'Cu');
  const sites = readNonOxides(copper);
  expect(new Set(sites.map(({ element }) => element))).toEqual(new Set(['Cu']));
  expect(sites.every(({ kind }) => kind !== undefined)).toBe(true);
});

test('no network is trained on them', () => {
  const { sets } = readTrainingData(['data']);
  expect([...sets.keys()]).not.toContain('non-oxides');
  expect([...sets.keys()]).toContain('battery-extended');
});

test('what FEFF leaves out below the edge goes on as the tail of a step with a lifetime', () => {
  const [site] = readNonOxides(references);
  const step = (energy: number) => 0.5 + Math.atan((energy - 8) / 1.2) / Math.PI;
  const energyEv = Float64Array.from({ length: 60 }, (_, i) => 0.3 * i);
  const { energyEv: longer, mu } = withPreEdge({ ...site!, energyEv, mu: energyEv.map(step) });
  expect(longer[0]).toBe(-15);
  longer.forEach((energy, i) => {
    expect(Math.abs(mu[i]! - step(energy))).toBeLessThan(0.002);
  });
});

test('a spectrum that does not rise has no such tail, which is an error', () => {
  const [site] = readNonOxides(references);
  const energyEv = Float64Array.from({ length: 60 }, (_, i) => 0.3 * i);
  for (const mu of [energyEv.map(() => 0.1), energyEv.map((energy) => energy)])
    expect(() => withPreEdge({ ...site!, energyEv, mu })).toThrow(RangeError);
});

test('all of them are then wide enough to be judged', () => {
  const refused = readNonOxides(references).filter(
    (site) => !toInput(site, references.find(({ element }) => element === site.element)!, grid),
  );
  expect(refused.map(({ id }) => id)).toEqual([]);
});
