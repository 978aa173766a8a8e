import { expect, test } from '@jest/globals';
import { readNonOxides } from '../../scripts/gate/non-oxides.ts';
import { checkRecord } from '../../scripts/generate/check-record.ts';
import { linesOf, type SiteRecord } from '../../scripts/generate/site-record.ts';
import { readManifest } from '../../src/model/manifest.ts';
import { readTrainingData } from '../../src/model/training-data.ts';
import { WEIGHTS } from '../model/golden.ts';

const { references } = readManifest(WEIGHTS);
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
