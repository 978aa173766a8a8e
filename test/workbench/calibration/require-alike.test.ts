import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Bundle, openBundle } from '../../../src/bundle/bundle.ts';
import { type BundleFile, filesOf, type MadeFile } from '../../../src/registry/bundle-json.ts';
import { writeBundle } from '../../../workbench/bundle/write-bundle.ts';
import { crossFittedCases } from '../../../workbench/calibration/held-out-cases.ts';
import { requireAlike } from '../../../workbench/calibration/require-alike.ts';
import { FOLDS } from '../../../workbench/data/folds.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { crossFitFolder } from '../../../workbench/training/cross-fit.ts';

const shipped = openBundle('models/spt');
const MEANS = ['site-means.json', 'copper-means.json'] as const;

const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'require-alike-'));
  process.chdir(folder); // a cross-fit lies in the working folder's .cache
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** The shipped model without some of its networks of means, in a folder. */
function without(missing: readonly MadeFile[], directory: string): Bundle {
  cpSync(join(home, 'models/spt'), directory, { recursive: true });
  for (const name of missing.flatMap((made): BundleFile[] => filesOf(made))) rmSync(join(directory, name));
  return writeBundle(directory);
}

test('a fold like the shipped model is taken, with networks of means or both without', () => {
  expect(() => requireAlike(without([], 'fold'), shipped)).not.toThrow();
  expect(() => requireAlike(without(MEANS, 'bare fold'), without(MEANS, 'bare'))).not.toThrow();
});

test('a network of means that one of them lacks is named, with the command that makes it', () => {
  expect(() => requireAlike(without(MEANS, 'bare'), shipped)).toThrow(
    'Expected bare to have site-means.json and copper-means.json, as models/spt has: ' +
      'run npm run workbench -- train-site-means --model models/spt, ' +
      'then npm run workbench -- train-site-means --copper --model models/spt ' +
      '(with --from DIR for networks that are trained already)',
  );
  const half = without(['copper-means.json'], 'half');
  expect(() => requireAlike(half, shipped)).toThrow(
    'Expected half to have copper-means.json, as models/spt has: ' +
      'run npm run workbench -- train-site-means --copper --model models/spt (',
  );
  expect(() => requireAlike(shipped, half)).toThrow(
    'Expected half to have copper-means.json, as models/spt has: ' +
      'run npm run workbench -- train-site-means --copper --model half (',
  );
});

test('another network and another kind of neighbour index are refused', () => {
  const { manifest, neighbourIndex } = shipped;
  const network = { ...manifest.network, elements: ['Cu'] };
  expect(() => requireAlike({ ...shipped, manifest: { ...manifest, network } }, shipped)).toThrow(
    'Expected models/spt to be of the network of spt-8: train with --cross-fit',
  );
  const none = { ...shipped, neighbourIndex: null };
  expect(() => requireAlike(none, shipped)).toThrow(/have a neighbour index .* build-neighbour-index$/);
  const other = { ...shipped, neighbourIndex: { ...neighbourIndex!, share: 0.1 } };
  expect(() => requireAlike(other, shipped)).toThrow(/have a neighbour index .* build-neighbour-index$/);
});

test('calibration refuses a cross-fit of which one fold lacks them, before any spectrum is asked', async () => {
  for (const { fold } of FOLDS) without(fold === 4 ? MEANS : [], crossFitFolder('spt-8', fold));
  const random = seededRandom(1);
  const draws = { copies: 1, random, cutting: random, mixing: random, more: random };
  await expect(crossFittedCases(shipped, [], [], draws)).rejects.toThrow(
    'Expected .cache/cross-fit/spt-8/4 to have site-means.json and copper-means.json, as models/spt has',
  );
});
