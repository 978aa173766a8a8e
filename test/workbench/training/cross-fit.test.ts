import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { FOLDS } from '../../../workbench/data/folds.ts';
import { crossFitFolder, crossFitModels } from '../../../workbench/training/cross-fit.ts';

const { manifest } = openBundle('models/spt');
const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cross-fit-'));
  process.chdir(folder); // they lie in the working folder's .cache
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

test('the models of all folds in turn, each open while it is asked', async () => {
  for (const { fold } of FOLDS)
    cpSync(join(home, 'models/spt'), crossFitFolder(manifest.id, fold), { recursive: true });
  const bins = manifest.grid.offsetsEv.length;
  const input = {
    ...{ element: 'Cu', edge: 'K' },
    ...{ mu: new Float32Array(bins).fill(1), mask: new Float32Array(bins).fill(1) },
  };
  const seen: number[] = [];
  for await (const { fold, held, directory, model } of crossFitModels(manifest)) {
    expect(directory).toBe(`.cache/cross-fit/spt-8/${fold}`);
    expect(held([{ group: 'mp-1' }])).toHaveLength(fold === 1 ? 1 : 0);
    expect(await model.predict([input])).toHaveLength(1);
    seen.push(fold);
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

test('a model that had no cross-fit, or lost one of its models, says so', async () => {
  const all = async (of: Pick<typeof manifest, 'id' | 'training'>) => {
    for await (const { fold } of crossFitModels(of)) expect(fold).toBe(0);
  };
  const training = { ...manifest.training, crossFit: false };
  await expect(all({ ...manifest, training })).rejects.toThrow('spt-8 to be trained with --cross-fit');
  cpSync(join(home, 'models/spt'), crossFitFolder(manifest.id, 0), { recursive: true });
  await expect(all(manifest)).rejects.toThrow('Expected the model of fold 1 in .cache/cross-fit/spt-8/1');
});
