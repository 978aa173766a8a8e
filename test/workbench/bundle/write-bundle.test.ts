import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { manifestJson } from '../../../src/model/manifest.ts';
import { bundleLines, writeBundle } from '../../../workbench/bundle/write-bundle.ts';

const SHIPPED = 'models/spt';
const home = mkdtempSync(join(tmpdir(), 'write-bundle-'));
afterAll(() => rmSync(home, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(home, 'model-'));
  cpSync(SHIPPED, folder, { recursive: true });
});
const edit = (name: string, change: (text: string) => string) =>
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));

test('of the same files the same bundle is written, to the byte', () => {
  rmSync(join(folder, 'bundle.json'));
  expect(writeBundle(folder)).toMatchObject({ hash: openBundle(SHIPPED).hash, leftOut: [] });
  expect(readFileSync(join(folder, 'bundle.json'), 'utf8')).toBe(
    readFileSync(join(SHIPPED, 'bundle.json'), 'utf8'),
  );
});

test('another energy shift is another model, with the same gate, index and map', () => {
  const { manifest, hash } = openBundle(folder);
  const references = manifest.references.map((each) => ({
    ...each,
    shiftsEv: { ...each.shiftsEv, measured: (each.shiftsEv.measured ?? 0) + 0.5 },
  }));
  writeFileSync(join(folder, 'manifest.json'), manifestJson({ ...manifest, references }));
  expect(() => openBundle(folder)).toThrow(/manifest\.json as bundle\.json names it/);
  const written = writeBundle(folder);
  expect(written.leftOut).toEqual([]);
  expect(written.hash).not.toBe(hash);
  const opened = openBundle(folder);
  expect(opened.hash).toBe(written.hash);
  expect(opened.manifest.references).toEqual(references);
});

test('what was made for another index is left out, and the rest goes on', () => {
  edit('neighbours.json', (text) => text.replace('"share":0.64', '"share":0.32'));
  const { leftOut, ...bundle } = writeBundle(folder);
  expect(leftOut).toEqual([{ file: 'gate.json', why: 'which was made for another neighbours.json' }]);
  expect(bundle.gate).toBeNull();
  expect(bundle.neighbourIndex!.share).toBe(0.32);
  expect(bundle.map).not.toBeNull();
  expect(bundleLines(bundle, leftOut)).toBe(
    `${folder}: spt-8, 13 files, identity ${bundle.hash}\n` +
      'without gate.json, which was made for another neighbours.json: run calibrate',
  );
});

test('half a pair, and what does not say what it was made for, is left out', () => {
  rmSync(join(folder, 'map.bin'));
  edit('neighbours.json', (text) => text.replace('"madeFor"', '"forgotten"'));
  expect(writeBundle(folder).leftOut).toEqual([
    { file: 'neighbours.json', why: 'which does not say what it was made for' },
    { file: 'gate.json', why: 'which was made for another neighbours.json' },
    { file: 'map.json', why: 'there is no map.bin' },
  ]);
});

test('a gate that this version cannot read is left out', () => {
  edit('gate.json', (text) => text.replace(/("trust":\s*\{\s*"mean":\s*)\[[^\]]*\]/, '$1[0]'));
  const { leftOut, ...bundle } = writeBundle(folder);
  expect(leftOut).toContainEqual({ file: 'gate.json', why: 'which another version of the gate wrote' });
  expect(bundle.gate).toBeNull();
});

test('site means that were trained for other weights are left out with all their files, and so is the gate', () => {
  edit('site-means.json', (text) =>
    text.replace(/"weights\.bin":"\w+"/, `"weights.bin":"${'0'.repeat(64)}"`),
  );
  const { leftOut, ...bundle } = writeBundle(folder);
  expect(leftOut).toContainEqual({
    file: 'site-means.json',
    why: 'which was made for another weights.bin',
  });
  expect(bundle.siteMeans).toBeNull();
  expect(Object.keys(bundle.files).filter((name) => name.startsWith('site-means'))).toEqual([]);
  expect(bundle.gate).toBeNull();
  expect(bundleLines(bundle, leftOut)).toContain('run train-site-means');
});

test.each([
  ['site-means.onnx', () => rmSync(join(folder, 'site-means.onnx')), /Expected .*site-means\.onnx/],
  ['model.onnx', () => rmSync(join(folder, 'model.onnx')), /Expected .*model\.onnx: no model is without it/],
  ['manifest.json', () => edit('manifest.json', () => '{'), /Expected a valid .*manifest\.json/],
  ['map.json', () => edit('map.json', (text) => text.replace('"x"', '"z"')), /Expected a valid .*map\.json/],
])('a model with a broken %s gets no bundle, and the old one stays', (_, spoil, because) => {
  const before = readFileSync(join(folder, 'bundle.json'), 'utf8');
  spoil();
  expect(() => writeBundle(folder)).toThrow(because);
  expect(readFileSync(join(folder, 'bundle.json'), 'utf8')).toBe(before);
});

test('the command checks a bundle, and writes one', async () => {
  const bundle = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      ...['--import', 'tsx', 'workbench/main.ts', 'bundle', '--model', folder],
      ...args,
    ]);
  const { stdout } = await bundle('--check');
  expect(stdout).toBe(`${folder}: spt-8, 15 files, identity ${openBundle(SHIPPED).hash}\n`);
  edit('manifest.json', (text) => `${text}\n`);
  await expect(bundle('--check')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Expected .*manifest\.json as bundle\.json names it.*\n$/),
  });
  expect((await bundle()).stdout).toContain(openBundle(folder).hash);
});
