import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFolder } from '../cli/model-folder.ts';
import { FatalError } from '../common/errors.ts';
import { chooseBundle, parseModelName } from '../registry/model-name.ts';
import { openRegistry, type RegistrySettings } from '../registry/registry.ts';
import type { Config } from '../runtime/config.ts';
import { bundleHash, type CalibratedBundle, openBundle } from './bundle.ts';

/** A model on this machine: its folder, and the hash that what lies there must have. */
export type FoundModel = { readonly directory: string; readonly hash: string };

export type ModelSettings = Pick<Config, 'MODEL' | 'MODEL_DIR' | 'MODEL_FILE'> & RegistrySettings;

/**
 * The model that the settings ask for: of MODEL_FILE, else of MODEL, else in MODEL_DIR.
 * @throws FatalError where it is not there
 */
export async function findModel(settings: ModelSettings): Promise<FoundModel> {
  const { MODEL, MODEL_DIR, MODEL_FILE } = settings;
  const name = MODEL_FILE === undefined ? MODEL : await readModelFile(MODEL_FILE);
  if (name !== undefined) return findNamed(name, settings);
  return { directory: MODEL_DIR, hash: bundleHash(MODEL_DIR) };
}

/** The line of MODEL_FILE. */
export async function readModelFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new FatalError(
      `Expected MODEL_FILE to name a file with a line name@hash: ${(error as Error).message}`,
    );
  }
}

/** The model of that name, name@hash, from the registry. */
export async function findNamed(name: string, settings: RegistrySettings): Promise<FoundModel> {
  const wanted = parseModelName(name);
  const registry = openRegistry(settings);
  const bundle = chooseBundle(wanted, await registry.list(), settings.MODEL_REGISTRY);
  return { directory: await registry.fetch(bundle), hash: bundle.hash };
}

/**
 * The model with a hash that begins so: the one in MODEL_DIR, else one of the registry; null where neither is it.
 * @throws Error where the registry cannot be read
 */
export async function findByHash(hashStart: string, settings: ModelSettings): Promise<FoundModel | null> {
  const { MODEL_DIR: directory } = settings;
  const hash = existsSync(join(directory, 'bundle.json')) ? bundleHash(directory) : '';
  if (hash.startsWith(hashStart)) return { directory, hash };
  const registry = openRegistry(settings);
  const bundle = (await registry.list()).find((each) => each.hash.startsWith(hashStart));
  return bundle ? { directory: await registry.fetch(bundle), hash: bundle.hash } : null;
}

/**
 * The bundle that --model asks for: name@hash of the registry, a folder under models/ by its name, or any folder;
 * without it the one that a service takes.
 * @throws FatalError where it is not there, or not whole
 */
export async function openFlagged(
  model: string | undefined,
  settings: ModelSettings,
): Promise<CalibratedBundle> {
  if (model !== undefined && !model.includes('@')) return openBundle(modelFolder(model));
  const { directory, hash } = await (model === undefined ? findModel(settings) : findNamed(model, settings));
  return openBundle(directory, { hash });
}
