import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { manifestJson, parseManifest, parseWeights } from '../../src/model/manifest.ts';
import { exportOnnx, parametersOf } from '../../workbench/training/save-model.ts';
import { exportSiteMeans } from '../../workbench/training/site-means/export-site-means.ts';
import { WEIGHTS } from './golden.ts';

const text = readFileSync(`${WEIGHTS}/manifest.json`, 'utf8');
const manifest = parseManifest(text);

test('the committed manifest is of a network for nine elements, with the parameters that it asks for', () => {
  expect(parametersOf(manifest.network)).toEqual(manifest.parameters);
  expect(manifest.network.elements).toEqual(['O', 'Ti', 'V', 'Cr', 'Mn', 'Fe', 'Co', 'Ni', 'Cu']);
  expect(manifest.references.map(({ element }) => element)).toEqual(manifest.network.elements);
});

test('its grid increases and holds the required range', () => {
  const { offsetsEv, requiredFromEv, requiredToEv } = manifest.grid;
  expect([...offsetsEv].sort((a, b) => a - b)).toEqual([...offsetsEv]);
  expect(offsetsEv[0]).toBeLessThan(requiredFromEv);
  expect(offsetsEv.at(-1)).toBeGreaterThan(requiredToEv);
});

test('written again it is the same, to the byte', () => {
  expect(manifestJson(manifest)).toBe(text);
});

test('the committed ONNX files are what the weights give today', () => {
  const { weights, onnx, siteMeans, copperMeans } = openBundle(WEIGHTS);
  expect(sha256(exportOnnx(manifest.network, weights))).toBe(sha256(onnx));
  for (const means of [siteMeans!, copperMeans!])
    expect(sha256(exportSiteMeans(means.config, means.weights).onnx)).toBe(sha256(means.onnx));
});

test('weights that are more or fewer than the manifest says are refused', () => {
  const { parameters } = { parameters: [{ name: 'a', shape: [2, 3] }] };
  expect([...parseWeights(Buffer.alloc(24), { parameters }).keys()]).toEqual(['a']);
  expect(() => parseWeights(Buffer.alloc(20), { parameters })).toThrow('Expected 6 weights');
});

/** The manifest with one thing changed, by the path of keys to it. */
function changed(path: readonly string[], value: unknown): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  let at: Record<string, unknown> = json;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  return JSON.stringify(json);
}

test.each([
  ['network.offsetsEv', 'wide'],
  ['training.epochs', 'many'],
  ['training.augmentation.noise', undefined],
  ['training.files', [{ file: 'a.jsonl', sha256: 'none', spectra: 1 }]],
  ['training.curve', [[1, 2]]],
  ['metrics.validation', { spectra: 1 }],
])('%s as %p is refused by name', (path, value) => {
  const keys = path.split('.');
  expect(() => parseManifest(changed(keys, value))).toThrow(new RegExp(path.replaceAll('.', '\\.')));
});

test('a field that nobody knows is refused: it would be lost when the manifest is written again', () => {
  expect(() => parseManifest(changed(['training', 'weather'], 'fine'))).toThrow(/weather/);
});
