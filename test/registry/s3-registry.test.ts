import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonWith } from '../../python/python-with.ts';
import { openBundle } from '../../src/bundle/bundle.ts';
import { findModel } from '../../src/bundle/find-model.ts';
import { listBundles } from '../../src/registry/file-registry.ts';
import { openRegistry } from '../../src/registry/registry.ts';
import { registryJson } from '../../src/registry/registry-json.ts';
import { type ModelRegistry, makeModelRegistry } from '../model-registry.ts';

const HERE = join(import.meta.dirname, 's3');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;

let store: ChildProcess;
let registry: ModelRegistry;
let cache: string;
/** The settings that lead to the bucket. */
let settings: Readonly<Record<string, string>> & { readonly MODEL_REGISTRY: string };
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'model-cache-'));
  registry = makeModelRegistry();
  writeFileSync(join(registry.folder, 'registry.json'), registryJson(listBundles(registry.folder)));
  const python = await pythonWith({ requirements: join(HERE, 'requirements.txt'), home: 's3' });
  store = spawn(python, [join(HERE, 'serve_s3.py'), registry.folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { value: line } = await createInterface({ input: store.stdout! })[Symbol.asyncIterator]().next();
  const { url, keyId, secret } = JSON.parse(line) as Record<'url' | 'keyId' | 'secret', string>;
  settings = {
    ...{ MODEL_REGISTRY: 's3://models/beamline', MODEL_CACHE: cache, AWS_ENDPOINT_URL: url },
    ...{ AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: 'eu-central-1' },
  };
}, WITHIN_MS);
afterAll(() => {
  store?.stdin?.end();
  registry?.remove();
  rmSync(cache, { recursive: true });
});

test('a model of a bucket that asks for signatures, by its name', async () => {
  const MODEL = registry.strict;
  const { directory, hash } = await findModel({
    ...{ ...settings, MODEL },
    ...{ MODEL_DIR: 'models/spt', MODEL_FILE: undefined },
  });
  expect(openBundle(directory, { hash }).manifest.id).toBe(MODEL.slice(0, MODEL.indexOf('@')));
  await expect(openRegistry(settings).list()).resolves.toHaveLength(3);
});

test('a bucket without its key, or by a wrong one, ends with a sentence that names the address', async () => {
  const sentence = /^Expected http:\/\/127.*\/models\/beamline\/registry\.json to be read, got: status 403$/;
  const wrong = { ...settings, AWS_SECRET_ACCESS_KEY: 'another' };
  await expect(openRegistry(wrong).list()).rejects.toThrow(sentence);
  const plainly = { MODEL_REGISTRY: `${settings.AWS_ENDPOINT_URL}/models/beamline` };
  await expect(openRegistry(plainly).list()).rejects.toThrow(sentence);
  expect(() => openRegistry({ MODEL_REGISTRY: 's3://models' })).toThrow(
    'Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3://models, got none',
  );
});
