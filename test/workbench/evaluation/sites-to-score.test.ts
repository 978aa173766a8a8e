import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { sha256 } from '../../../src/common/sha256.ts';
import { sitesToScore } from '../../../workbench/evaluation/sites-to-score.ts';

const folder = mkdtempSync(join(tmpdir(), 'sites-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SERIES = 'data/li-x-coo2/series.jsonl';
const [line] = readFileSync(SERIES, 'utf8').split('\n') as [string];
const file = join(folder, 'mine.jsonl');
const sites = ['spinel', 'rutile', 'spinel'].map((family) => ({ ...JSON.parse(line), family }));
sites.push({ ...sites[0], labelSource: 'decoded' });
writeFileSync(file, sites.map((site) => JSON.stringify(site)).join('\n'));

const { id, training } = openBundle('models/spt').manifest;
const groupsOf = (families: string | undefined, record = training) =>
  sitesToScore(file, families, { id, training: record }).sites.map(({ group }) => group);

test('decoded labels are counted and not scored', () => {
  const found = sitesToScore(file, undefined, { id, training });
  expect(found.sites).toHaveLength(3);
  expect(found.decoded).toBe(1);
  expect(found.notes).toEqual(['1 of 4 sites have decoded labels: never scored']);
});

test('an oxidation state that its formula does not establish is scored if asked for', () => {
  const copper = { ...sites[0], element: 'Cu', labels: { OS: 2, CN: 4 } };
  const path = join(folder, 'copper.jsonl');
  const lines = ['CuO', 'YBa2Cu3O7'].map((formula) => JSON.stringify({ ...copper, formula }));
  writeFileSync(path, lines.join('\n'));
  const found = sitesToScore(path, undefined, { id, training });
  expect(found.sites.map(({ labels }) => labels.OS)).toEqual([2, undefined]);
  expect(found).toMatchObject({
    doubtful: 1,
    notes: [expect.stringContaining('1 of 2 sites have an oxidation')],
  });
  const all = sitesToScore(path, undefined, { id, training }, true);
  expect(all.sites.map(({ labels }) => labels.OS)).toEqual([2, 2]);
  expect(all).toMatchObject({ doubtful: 0, notes: [] });
});

test('families by name, or those that training kept', () => {
  expect(groupsOf('rutile')).toEqual(['rutile']);
  expect(groupsOf('rutile, spinel')).toEqual(['spinel', 'rutile', 'spinel']);
  expect(groupsOf('val', { ...training, families: { val: ['spinel'], test: [] } })).toEqual([
    'spinel',
    'spinel',
  ]);
  expect(() => groupsOf('perovskite')).toThrow(
    `Expected sites in ${file} of families perovskite, got none of 4`,
  );
  expect(() => groupsOf('rutile,rutile')).toThrow('--families to have each value once');
  const { families: _, ...without } = training;
  expect(() => groupsOf('test', without)).toThrow('give --families their names');
});

test('whoever asks about what a model has learned from is told', () => {
  const learned = (name: string, allOf: string[]) => {
    const files = [{ file: name, sha256: sha256(readFileSync(file)), spectra: 4 }];
    const { notes } = sitesToScore(file, undefined, { id, training: { ...training, files, allOf } });
    return notes.some((note) => note.includes('has learned from this file'));
  };
  expect(learned('mine/mine.jsonl', [])).toBe(true);
  expect(learned('mine/test.jsonl', [])).toBe(false);
  expect(learned('mine/test.jsonl', ['mine'])).toBe(true);
});
