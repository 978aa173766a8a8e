import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FatalError } from '../../src/errors.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { manifestJson, readManifest, readWeights, sha256 } from '../../src/model/manifest.ts';
import { exportOnnx, parametersOf } from '../../workbench/training/save-model.ts';
import { WEIGHTS } from './golden.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weights-'));
  for (const file of readdirSync(WEIGHTS)) copyFileSync(join(WEIGHTS, file), join(folder, file));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the committed model', () => {
  test('is the one that the manifest names', () => {
    const manifest = readManifest(WEIGHTS);
    expect(manifest.hash).toBe(sha256(readFileSync(join(WEIGHTS, 'weights.bin'))));
    expect(parametersOf(manifest.network)).toEqual(manifest.parameters);
    expect(manifest.network.elements).toEqual(['O', 'Ti', 'V', 'Cr', 'Mn', 'Fe', 'Co', 'Ni', 'Cu']);
    expect(manifest.references.map(({ element }) => element)).toEqual(manifest.network.elements);
  });

  test('its ONNX file holds the same weights', () => {
    const manifest = readManifest(WEIGHTS);
    const onnx = exportOnnx(manifest.network, readWeights(WEIGHTS, manifest));
    expect(sha256(onnx)).toBe(sha256(readFileSync(join(WEIGHTS, 'model.onnx'))));
  });

  test('its grid increases and holds the required range', () => {
    const { offsetsEv, requiredFromEv, requiredToEv } = readManifest(WEIGHTS).grid;
    expect([...offsetsEv].sort((a, b) => a - b)).toEqual([...offsetsEv]);
    expect(offsetsEv[0]).toBeLessThan(requiredFromEv);
    expect(offsetsEv.at(-1)).toBeGreaterThan(requiredToEv);
  });

  test('its manifest survives being written again', () => {
    const manifest = readManifest(WEIGHTS);
    writeFileSync(join(folder, 'manifest.json'), manifestJson(manifest));
    expect(readManifest(folder)).toEqual(manifest);
  });
});

test('weights that were touched are refused', () => {
  const bytes = readFileSync(join(folder, 'weights.bin'));
  bytes[100]! ^= 1;
  writeFileSync(join(folder, 'weights.bin'), bytes);
  expect(() => readWeights(folder, readManifest(folder))).toThrow(FatalError);
});

test.each([
  ['no manifest', (file: string) => rmSync(file)],
  ['no JSON', (file: string) => writeFileSync(file, '{')],
  ['a manifest without a grid', (file: string) => writeFileSync(file, '{"id":"x"}')],
])('%s is fatal, and the message names the file', (_, spoil) => {
  spoil(join(folder, 'manifest.json'));
  expect(() => readManifest(folder)).toThrow(FatalError);
  expect(() => readManifest(folder)).toThrow(/manifest.json/);
});

test('a missing ONNX file is an error, not a reason for a slower engine', async () => {
  rmSync(join(folder, 'model.onnx'));
  await expect(loadModel({ directory: folder, engine: 'auto' })).rejects.toThrow(/model\.onnx/);
});
