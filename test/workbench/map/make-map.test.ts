import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { parseMap } from '../../../src/model/map.ts';
import { run } from '../../../workbench/commands/map.ts';
import { mapTable } from '../../../workbench/map/map-table.ts';
import { copyWithoutGate } from '../model-copy.ts';

const folder = mkdtempSync(join(tmpdir(), 'make-map-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = join(folder, 'model');
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  copyWithoutGate(model);
  jest.spyOn(console, 'log').mockReturnValue(undefined);
  const places = ['--images', at('images'), '--table', at('map.md')];
  await run(['--model', model, '--data', 'data/battery-feff10', '--spectra', '60', ...places]);
  jest.restoreAllMocks();
});

test('a model gets a map of its training spectra, the elements as even as they allow', () => {
  const { map, files } = openBundle(model, { gate: 'optional' });
  expect(map!.element).toHaveLength(60);
  expect(new Set(map!.element)).toEqual(
    new Set(['O', 'Mn', 'Fe', 'Co', 'Ni', 'Ti', 'V', 'Cr'].filter((e) => map!.element.includes(e))),
  );
  const json = readFileSync(join(model, 'map.json'), 'utf8');
  expect(JSON.parse(json)).toMatchObject({
    madeFor: { 'weights.bin': files['weights.bin'].sha256 },
    command: 'npm run workbench -- map --spectra 60 --seed 1',
  });
  expect(json.split('\n').length).toBeLessThan(30); // a line each array
  expect(parseMap(json, readFileSync(join(model, 'map.bin'))).x).toEqual(map!.x);
});

test('pictures and a page say what it is worth', () => {
  expect(readFileSync(at('images/map-OS.svg'), 'utf8')).toContain('60 training spectra, UMAP');
  expect(readFileSync(at('map.md'), 'utf8')).toMatch(
    /^The map of 60 training spectra \(Co \d+, .*\| CN \| \d+ \| \d+\.\d% \| /s,
  );
});

test('the page of figures', () => {
  const map = {
    ...{ madeFor: { 'weights.bin': 'f'.repeat(64) }, command: 'by hand', mean: [], scale: [], labels: {} },
    ...{ element: ['Ni', 'Co', 'Ni'], x: [], y: [] },
  };
  const page = mapTable(map, { median: 0.0123, ninth: 0.05 }, [
    { name: 'OS', sites: 3, agreeing: 2 / 3, majority: 1 / 3 },
  ]);
  expect(page).toContain(
    'The map of 3 training spectra (Co 1, Ni 2), weights ffffffffffff.\nMade by `by hand`.',
  );
  expect(page).toContain('1.2% from its place in the median; nine in ten are within 5.0%.');
  expect(page).toContain('| OS | 3 | 66.7% | 33.3% |');
});
