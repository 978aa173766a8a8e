import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { findModel, openFlagged } from '../../src/bundle/find-model.ts';
import { FatalError } from '../../src/common/errors.ts';
import { listBundles } from '../../src/registry/file-registry.ts';
import type { ListedBundle } from '../../src/registry/listed-bundle.ts';
import { chooseBundle, parseModelName } from '../../src/registry/model-name.ts';
import { registryJson } from '../../src/registry/registry-json.ts';
import { type ModelRegistry, makeModelRegistry } from '../model-registry.ts';
import { serveFolder } from '../serve-folder.ts';

const listed = (folder: string, id: string, hash: string): ListedBundle => ({
  ...{ folder, id, hash: hash.padEnd(64, '0') },
});

describe('a model by its name', () => {
  const there = [
    ...[
      listed('a', 'spt-5', 'aaaaaaaa1'),
      listed('b', 'spt-5', 'aaaaaaaa2'),
      listed('c', 'spt-6', 'bbbbbbbb'),
    ],
    listed('copy of c', 'spt-6', 'bbbbbbbb'),
  ];

  test('as many digits of the hash as tell it from others; the same bundle twice is one', () => {
    expect(chooseBundle(parseModelName('spt-5@AAAAAAAA2\n'), there, 'models').folder).toBe('b');
    expect(chooseBundle(parseModelName('spt-6@bbbbbbbb'), there, 'models').folder).toBe('c');
  });

  test.each([
    [
      'spt-5@aaaaaaaa',
      /^Expected one model spt-5@aaaaaaaa in models, got 2 of them; there: spt-5@aaaaaaaa10*, spt-5@aaaaaaaa20*$/,
    ],
    [
      'spt-5@bbbbbbbb',
      /^Expected one model spt-5@bbbbbbbb in models, got none; there: spt-5@\w+, spt-5@\w+, spt-6@b+0+$/,
    ],
  ])('%s: one line that lists what is there', (name, message) => {
    expect(() => chooseBundle(parseModelName(name), there, 'models')).toThrow(message);
    expect(() => chooseBundle(parseModelName(name), [], 'models')).toThrow(/got none; there: nothing$/);
  });

  test.each([
    'spt-5',
    'spt-5@1234567',
    '@12345678',
    'spt-5@1234567g',
    `spt-5@${'0'.repeat(65)}`,
    '',
    'a b@12345678',
  ])('%j is none', (text) => {
    expect(() => parseModelName(text)).toThrow(FatalError);
    expect(() => parseModelName(text)).toThrow(
      /^Expected a model as name@hash, with 8 to 64 hex.*, got ".*"$/,
    );
  });
});

describe('a registry', () => {
  let registry: ModelRegistry;
  let server: Awaited<ReturnType<typeof serveFolder>>;
  let cache: string;
  beforeAll(async () => {
    registry = makeModelRegistry();
    server = await serveFolder(registry.folder);
  });
  afterAll(async () => {
    await server.close();
    registry.remove();
  });
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'model-cache-'));
    writeFileSync(join(registry.folder, 'registry.json'), registryJson(listBundles(registry.folder)));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const find = (MODEL: string, MODEL_REGISTRY = registry.folder) =>
    findModel({ MODEL, MODEL_REGISTRY, MODEL_CACHE: cache, MODEL_DIR: 'models/spt', MODEL_FILE: undefined });
  const hashOf = (name: string) => name.slice(name.indexOf('@') + 1);

  test('in a folder', async () => {
    const strict = join(registry.folder, 'strict');
    expect(await find(registry.strict.slice(0, 16))).toEqual({
      ...{ directory: strict, hash: hashOf(registry.strict) },
    });
    await expect(find('spt-5@00000000', join(cache, 'none'))).rejects.toThrow(
      /Expected a folder of models at/,
    );
    mkdirSync(join(cache, 'model'));
    writeFileSync(join(cache, 'model', 'bundle.json'), '{}');
    await expect(find('spt-5@00000000', cache)).rejects.toThrow(/got none; there: nothing$/);
    const reasons: string[] = [];
    expect(listBundles(cache, ({ message }) => void reasons.push(message))).toEqual([]);
    expect(reasons).toEqual([expect.stringMatching(/^Expected a valid .*bundle\.json: /)]);
  });

  test('the file that an operator writes goes before the setting, and both before the folder', async () => {
    const settings = { MODEL_REGISTRY: registry.folder, MODEL_CACHE: cache, MODEL_DIR: 'models/spt' };
    const file = join(cache, 'model');
    writeFileSync(file, `${registry.strict}\n`);
    const of = async (MODEL_FILE?: string, MODEL?: string) =>
      (await findModel({ ...settings, MODEL, MODEL_FILE })).directory;
    expect(await of(file, registry.shipped)).toBe(join(registry.folder, 'strict'));
    expect(await of(undefined, registry.shipped)).toBe(join(registry.folder, 'shipped'));
    expect(await of()).toBe('models/spt');
    await expect(of(join(cache, 'none'))).rejects.toThrow(/^Expected MODEL_FILE to name a file .*ENOENT/);
  });

  test('by --model: a name of the registry, a folder, or what a service takes', async () => {
    const settings = { MODEL_REGISTRY: registry.folder, MODEL_CACHE: cache, MODEL_DIR: 'models/spt' };
    const of = async (flag?: string, MODEL?: string) =>
      (await openFlagged(flag, { ...settings, MODEL, MODEL_FILE: undefined })).hash;
    expect(await of(registry.strict)).toBe(hashOf(registry.strict));
    expect(await of(join(registry.folder, 'strict'))).toBe(hashOf(registry.strict));
    expect(await of('spt', registry.strict)).toBe(hashOf(registry.shipped));
    expect(await of(undefined, registry.strict)).toBe(hashOf(registry.strict));
    await expect(of(registry.broken)).rejects.toThrow(/weights\.bin as bundle\.json names it/);
  });

  test('over http: fetched once, verified, and fetched anew where the cache is not whole', async () => {
    const { directory, hash } = await find(registry.strict, server.url);
    expect(directory).toBe(join(cache, hash));
    expect(openBundle(directory).hash).toBe(hashOf(registry.strict));
    const fetched = server.asked().length;
    await find(registry.strict, server.url);
    expect(server.asked().slice(fetched)).toEqual(['/registry.json']);
    writeFileSync(join(directory, 'gate.json'), readFileSync(join(directory, 'gate.json'), 'utf8').slice(1));
    await find(registry.strict, server.url);
    expect(openBundle(directory).hash).toBe(hash);
    expect(readdirSync(cache)).toEqual([hash]);
  });

  test('over http: what is not what its hash says is refused, and nothing of it is kept', async () => {
    await expect(find(registry.broken, server.url)).rejects.toThrow(
      /^Expected http.*broken\/weights\.bin as bundle\.json names it, \d+ bytes with sha256 .*: put the bundle back/,
    );
    const [first] = listBundles(registry.folder);
    const lies = [{ ...first!, hash: '1'.repeat(64) }];
    writeFileSync(join(registry.folder, 'registry.json'), registryJson(lies));
    await expect(find('spt-8@11111111', server.url)).rejects.toThrow(
      /broken\/bundle\.json to have sha256 1+, got \w+: the bundle is another$/,
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  test('over http: a list that leads out of the registry, is too long, or is not there', async () => {
    const json = join(registry.folder, 'registry.json');
    const [first] = listBundles(registry.folder);
    writeFileSync(json, registryJson([{ ...first!, folder: '../elsewhere' }]));
    await expect(find(registry.shipped, server.url)).rejects.toThrow(/Expected the name of a folder/);
    writeFileSync(json, ' '.repeat(1024 * 1024 + 1));
    await expect(find(registry.shipped, server.url)).rejects.toThrow(
      /registry\.json to be read, got: more than 1048576/,
    );
    rmSync(json);
    await expect(find(registry.shipped, server.url)).rejects.toThrow(
      /registry\.json to be read, got: status 404$/,
    );
    await expect(find(registry.shipped, 'http://127.0.0.1:9')).rejects.toThrow(
      /got: .*ECONNREFUSED|bad port/,
    );
    expect(existsSync(join(cache, hashOf(registry.shipped)))).toBe(false);
  });

  test('over http: a bundle that says it is too large is not fetched', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'large-'));
    const large = await serveFolder(folder);
    const bundle = JSON.parse(readFileSync(join(registry.folder, 'shipped', 'bundle.json'), 'utf8'));
    bundle.files['weights.bin'].bytes = 256 * 1024 * 1024;
    mkdirSync(join(folder, 'large'));
    writeFileSync(join(folder, 'large', 'bundle.json'), JSON.stringify(bundle));
    const bundles = listBundles(folder);
    writeFileSync(join(folder, 'registry.json'), registryJson(bundles));
    await expect(find(`${bundles[0]!.id}@${bundles[0]!.hash}`, large.url)).rejects.toThrow(
      /Expected a bundle of at most 268435456 bytes/,
    );
    expect(large.asked()).toEqual(['/registry.json', '/large/bundle.json']);
    await large.close();
    rmSync(folder, { recursive: true });
  });
});
