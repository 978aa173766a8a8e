import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assemble, openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { BUNDLE_FILES, type BundleFile, type BundleJson, filesOf } from '../../src/registry/bundle-json.ts';
import { readGolden } from '../model/golden.ts';

const SHIPPED = 'models/spt';
const home = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(home, { recursive: true }));

/** What lies in a model's folder and changes no answer. */
const BESIDE = ['bundle.json', 'golden.json', 'learning-curve.svg'];

test('the shipped bundle names every file of its folder but those that change no answer', () => {
  const { files, hash, manifest } = openBundle(SHIPPED);
  expect([...Object.keys(files), ...BESIDE].sort()).toEqual(readdirSync(SHIPPED).sort());
  expect(hash).toBe(sha256(readFileSync(join(SHIPPED, 'bundle.json'))));
  expect(manifest.id).toBe('spt-8');
});

describe('a copy', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(home, 'copy-'));
    cpSync(SHIPPED, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  const refusal = (): string => {
    try {
      openBundle(folder);
    } catch (error) {
      expect(error).toBeInstanceOf(FatalError);
      return (error as Error).message;
    }
    throw new Error('Expected the bundle to be refused');
  };
  const rewrite = (change: (json: BundleJson) => unknown) => {
    const json = JSON.parse(readFileSync(path('bundle.json'), 'utf8')) as BundleJson;
    writeFileSync(path('bundle.json'), JSON.stringify(change(json)));
  };

  test('is the same model', () => {
    expect(openBundle(folder).hash).toBe(openBundle(SHIPPED).hash);
  });

  test('that became another model since it was chosen is refused, though it is whole', () => {
    const { hash } = openBundle(folder);
    expect(openBundle(folder, { hash }).hash).toBe(hash);
    writeFileSync(path('bundle.json'), `${readFileSync(path('bundle.json'), 'utf8')}\n`);
    expect(openBundle(folder).hash).not.toBe(hash);
    expect(() => openBundle(folder, { hash })).toThrow(
      /^Expected the bundle \w{64} in .*copy-.*: it was changed$/,
    );
  });

  test.each(BUNDLE_FILES)('with one bit of %s flipped is refused by its name', (name) => {
    const bytes = readFileSync(path(name));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path(name), bytes);
    expect(refusal()).toMatch(`Expected ${path(name)} as bundle.json names it, ${bytes.length} bytes`);
  });

  test.each(BUNDLE_FILES)('without the last byte of %s is refused by its name', (name) => {
    const { length } = readFileSync(path(name));
    truncateSync(path(name), length - 1);
    expect(refusal()).toContain(`Expected ${path(name)} as bundle.json names it, ${length} bytes`);
    expect(refusal()).toContain(`got ${length - 1} bytes: put the bundle back whole`);
  });

  test.each(BUNDLE_FILES)('without %s is refused by its name', (name) => {
    rmSync(path(name));
    expect(refusal()).toContain(`Expected ${path(name)} as bundle.json names it`);
    expect(refusal()).toContain('got no such file');
  });

  test('without bundle.json is no model', () => {
    rmSync(path('bundle.json'));
    expect(refusal()).toContain(`Expected a model's bundle.json in ${folder}`);
  });

  test.each<[string, (json: BundleJson) => unknown, RegExp]>([
    ['another format', (json) => ({ ...json, format: 2 }), /bundle\.json.*expected 1.*at format/is],
    ['no id', ({ id: _, ...rest }) => rest, /bundle\.json.*at id/is],
    ['no files', (json) => ({ ...json, files: undefined }), /bundle\.json.*at files/is],
    [
      'no weights',
      (json) => ({ ...json, files: { ...json.files, 'weights.bin': undefined } }),
      /bundle\.json.*weights\.bin/is,
    ],
    [
      'a file that nobody knows',
      (json) => ({ ...json, files: { ...json.files, '../secret': json.files['map.bin'] } }),
      /bundle\.json.*Unrecognized key.*\.\.\/secret/is,
    ],
    [
      'half a pair',
      (json) => ({ ...json, files: { ...json.files, 'map.bin': undefined } }),
      /Expected map\.json and map\.bin together/,
    ],
    [
      'a network of site means without its ONNX file',
      (json) => ({ ...json, files: { ...json.files, 'site-means.onnx': undefined } }),
      /Expected site-means\.json and site-means\.onnx together/,
    ],
    [
      'an ONNX file of site means by itself',
      ({ files: { 'site-means.json': _, 'site-means.bin': __, ...files }, ...json }) => ({ ...json, files }),
      /Expected site-means\.json and site-means\.onnx together/,
    ],
    [
      'site means without their weights',
      (json) => ({ ...json, files: { ...json.files, 'site-means.bin': undefined } }),
      /Expected site-means\.json and site-means\.bin together/,
    ],
    [
      'a wrong size',
      (json) => ({ ...json, files: { ...json.files, 'map.bin': { ...json.files['map.bin'], bytes: 7 } } }),
      /map\.bin as bundle\.json names it, 7 bytes .* got 384000 bytes/,
    ],
    [
      'no sha256',
      (json) => ({ ...json, files: { ...json.files, 'gate.json': { bytes: 1, sha256: 'none' } } }),
      /64 hex digits.*gate\.json.*sha256/is,
    ],
    [
      'the name of another model',
      (json) => ({ ...json, id: 'spt-6' }),
      /manifest\.json to be of spt-6, as bundle\.json says, got spt-8/,
    ],
  ])('whose bundle.json has %s is refused by the field', (_, change, because) => {
    rewrite(change);
    expect(refusal()).toMatch(because);
  });

  test('whose bundle.json is no JSON is refused', () => {
    writeFileSync(path('bundle.json'), '{');
    expect(refusal()).toContain(`Expected a valid ${path('bundle.json')}`);
  });

  test('without site means is a model that reads none', async () => {
    const without = new Set<string>(
      (['site-means.json', 'copper-means.json', 'gate.json'] as const).flatMap(filesOf),
    );
    const { files } = openBundle(folder);
    const rest = Object.fromEntries(Object.entries(files).filter(([name]) => !without.has(name)));
    rewrite((json) => ({ ...json, files: rest }));
    const bundle = openBundle(folder, { gate: 'optional' });
    expect(bundle.siteMeans).toBeNull();
    const model = await loadModel(bundle, { engine: 'onnxruntime' });
    expect(model.readsMeans).toBe(false);
    await model.close();
  });

  test('without a gate table is no model for a service, but one to go on with', () => {
    rewrite((json) => ({
      ...json,
      files: { ...json.files, 'gate.json': undefined, 'training-embeddings.bin': undefined },
    }));
    expect(refusal()).toContain(`run npm run workbench -- calibrate --model ${folder}`);
    expect(openBundle(folder, { gate: 'optional' }).gate).toBeNull();
  });
});

test('a flipped bit in bundle.json itself is refused, wherever it is', () => {
  const json = readFileSync(join(SHIPPED, 'bundle.json'));
  const content = new Map(BUNDLE_FILES.map((name) => [name, readFileSync(join(SHIPPED, name))]));
  const open = (bytes: Buffer) => assemble(SHIPPED, bytes, (name) => content.get(name)!);
  expect(open(json).hash).toBe(sha256(json));
  for (let at = 0; at < json.length; at++) {
    const changed = Buffer.from(json);
    changed[at]! ^= 1;
    expect(() => open(changed)).toThrow(FatalError);
  }
});

describe('files that do not belong together are refused, though every hash is right', () => {
  /** The shipped bundle with a file replaced and listed as it is now. */
  function assembled(name: BundleFile, change: (text: string) => string) {
    const changed = Buffer.from(change(readFileSync(join(SHIPPED, name), 'utf8')));
    const json = JSON.parse(readFileSync(join(SHIPPED, 'bundle.json'), 'utf8')) as BundleJson;
    const files = { ...json.files, [name]: { bytes: changed.length, sha256: sha256(changed) } };
    return () =>
      assemble(SHIPPED, Buffer.from(JSON.stringify({ ...json, files })), (each) =>
        each === name ? changed : readFileSync(join(SHIPPED, each)),
      );
  }
  const weights = openBundle(SHIPPED, { gate: 'optional' }).manifest.hash;
  const otherWeights = (text: string) => text.replace(weights, '0'.repeat(64));

  test.each([
    ['neighbours.json', 'build-neighbour-index'],
    ['site-means.json', 'train-site-means'],
    ['gate.json', 'calibrate'],
    ['map.json', 'map'],
  ] as const)('%s of other weights: run %s', (name, command) => {
    expect(assembled(name, otherWeights)).toThrow(
      `Expected ${SHIPPED}/${name} to be made for the weights.bin beside it, got one for another: run npm run ` +
        `workbench -- ${command} --model ${SHIPPED}`,
    );
  });

  test('a gate table that was made with another neighbour index', () => {
    const louder = (text: string) => text.replace('"share":0.64', '"share":0.32');
    expect(assembled('neighbours.json', louder)).toThrow(/gate\.json to be made for the neighbours\.json/);
  });

  test('a gate table that was made with another network of site means', () => {
    const other = (text: string) => text.replace('"dropout":0,', '"dropout":0.1,');
    expect(assembled('copper-means.json', other)).toThrow(/gate\.json to be made for the copper-means\.json/);
  });

  test("copper's network of means that was made beside another one", () => {
    const other = (text: string) => text.replace('"dropout":0,', '"dropout":0.1,');
    expect(assembled('site-means.json', other)).toThrow(
      /copper-means\.json to be made for the site-means\.json/,
    );
  });

  test("copper's network of means with classes of its own", () => {
    const fewer = (text: string) => text.replace('"OS":[1,2,3,4,5,6]', '"OS":[1,2,3,4,5,7]');
    expect(assembled('copper-means.json', fewer)).toThrow(
      /the classes of site-means\.json in .*copper-means\.json/,
    );
  });

  test('site means that do not say all', () => {
    const nameless = (text: string) => text.replace('"channels"', '"canals"');
    expect(assembled('site-means.json', nameless)).toThrow(/valid .*site-means\.json.*channels/s);
  });

  test('the manifest of other weights', () => {
    expect(assembled('manifest.json', otherWeights)).toThrow(/weights\.bin to be the one of manifest\.json/);
  });

  test('a manifest that does not say all', () => {
    const nameless = (text: string) => text.replace('"offsetsEv"', '"offsets"');
    expect(assembled('manifest.json', nameless)).toThrow(/valid .*manifest\.json.*network/s);
  });
});

test('onnxruntime runs the bytes that were verified, whatever lies in the folder by then', async () => {
  const folder = mkdtempSync(join(home, 'swapped-'));
  cpSync(SHIPPED, folder, { recursive: true });
  const bundle = openBundle(folder);
  rmSync(folder, { recursive: true });
  const model = await loadModel(bundle, { engine: 'onnxruntime' });
  const [prediction] = await model.predict([readGolden()[0]!.input]);
  await model.close();
  expect(prediction!.embedding.every(Number.isFinite)).toBe(true);
});
