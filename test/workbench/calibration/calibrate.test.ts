import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { makeGate } from '../../../src/gating/gate.ts';
import { calibrate } from '../../../workbench/calibration/calibrate.ts';
import { readNonOxides } from '../../../workbench/calibration/non-oxides.ts';
import { run } from '../../../workbench/commands/calibrate.ts';
import { MEASURED_MEANS } from '../../../workbench/data/data-folders.ts';
import { dataOf, readTrainingData } from '../../../workbench/data/training-data.ts';
import { copyWithoutGate } from '../model-copy.ts';

const folder = mkdtempSync(join(tmpdir(), 'calibrate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DATA = 'data/battery-feff10';

test('a model gets its gate from spectra that were kept back, and is then one for services', async () => {
  copyWithoutGate(folder);
  expect(() => openBundle(folder)).toThrow(/workbench -- calibrate/);
  const log = jest.spyOn(console, 'log').mockReturnValue(undefined);
  await run(['--model', folder, '--data', DATA]);
  const [said] = log.mock.calls[0] as [string];
  log.mockRestore();

  const { gate, files } = openBundle(folder);
  const { table, trainingEmbeddings } = gate;
  expect(table.madeFor).toEqual({
    'weights.bin': files['weights.bin'].sha256,
    'neighbours.json': files['neighbours.json']!.sha256,
    'neighbours.bin': files['neighbours.bin']!.sha256,
    'site-means.json': files['site-means.json']!.sha256,
    'site-means.bin': files['site-means.bin']!.sha256,
    'copper-means.json': files['copper-means.json']!.sha256,
    'copper-means.bin': files['copper-means.bin']!.sha256,
  });
  expect(table.madeBy!.command).toBe('npm run workbench -- calibrate --draws 1 --seed 20261123');
  expect(trainingEmbeddings.rows.get('Co')!.length).toBeGreaterThan(0);
  makeGate(gate); // takes it
  expect(table.metalDetector).toBeDefined();
  expect(table.elements.Co!.metalRanges).toHaveLength(table.noiseEdges.length);
  expect(table.elements.O!.metalRanges).toBeUndefined();
  expect(said).toMatch(/^\d+ training spectra; \d+ unseen with labels, seen \d+ times\n/);
  expect(said).toMatch(/^\| Co \| \d+ \| CN \| \d+ \| \d+ \| \d+ \| (yes|no) \| /m);
  expect(said).toContain('unseen non-oxides: 0 of 0 copies pass'); // all of them were there to fit the classifier
  expect(said).toContain(`${folder}: spt-8, 15 files, identity ${openBundle(folder).hash}`);
});

test('the same seed makes the same table', async () => {
  const bundle = openBundle(folder);
  const data = dataOf(readTrainingData([DATA]), bundle.manifest.training);
  const nonOxides = readNonOxides(bundle.manifest.references);
  const { table } = bundle.gate;
  const again = await calibrate(bundle, data, nonOxides, {
    ...{ copies: 1, seed: 20261123, measured: JSON.parse(readFileSync(MEASURED_MEANS, 'utf8')) },
    madeBy: table.madeBy!,
  });
  expect(again.json).toBe(readFileSync(join(folder, 'gate.json'), 'utf8'));
  expect(again.embeddings).toEqual(readFileSync(join(folder, 'training-embeddings.bin')));
});
