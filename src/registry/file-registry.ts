import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../common/errors.ts';
import { sha256 } from '../common/sha256.ts';
import { parseBundleJson } from './bundle-json.ts';
import type { ListedBundle, Registry } from './listed-bundle.ts';

/** A folder whose folders are bundles. What they hold is verified by who opens them. */
export const fileRegistry = (folder: string): Registry => ({
  list: async () => listBundles(folder),
  fetch: async (bundle) => join(folder, bundle.folder),
});

/**
 * The bundles in the folders of a folder, by the folders' names.
 * @param onUnreadable is told of a bundle.json that is none, such as one that is being copied: it is left out
 * @throws FatalError where the folder cannot be read
 */
export function listBundles(
  folder: string,
  onUnreadable: (error: FatalError) => void = () => {},
): ListedBundle[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    throw new FatalError(`Expected a folder of models at ${folder}: ${(error as Error).message}`);
  }
  return names.flatMap((name) => {
    const file = join(folder, name, 'bundle.json');
    if (name.startsWith('.') || !existsSync(file)) return [];
    try {
      const json = readFileSync(file);
      return [{ folder: name, id: parseBundleJson(json.toString('utf8')).id, hash: sha256(json) }];
    } catch (error) {
      onUnreadable(new FatalError(`Expected a valid ${file}: ${(error as Error).message}`));
      return [];
    }
  });
}
