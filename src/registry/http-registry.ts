import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../common/errors.ts';
import { sha256 } from '../common/sha256.ts';
import { BUNDLE_FILES, type BundleFiles, parseBundleJson } from './bundle-json.ts';
import { type Fetch, getBytes } from './get-bytes.ts';
import type { ListedBundle, Registry } from './listed-bundle.ts';
import { parseRegistryJson, REGISTRY_FILE } from './registry-json.ts';

const MOST_LIST_BYTES = 1024 * 1024;
const MOST_BUNDLE_JSON_BYTES = 64 * 1024;
/** Of all files of a bundle; the shipped one has 7 MB. */
const MOST_BUNDLE_BYTES = 256 * 1024 * 1024;

/**
 * Bundles at an http(s) address: a web server, or a bucket of an object store that may be read without a signature.
 * Nothing that comes from there is believed but what has the hash that was asked for: bundle.json by the model's
 * identity, its files by bundle.json. A bundle is kept in a folder of the cache by its hash, and fetched anew where
 * that is not whole.
 * @param ask asks in its way; none: plainly
 */
export function httpRegistry(address: string, cache: string, ask?: Fetch): Registry {
  const base = address.endsWith('/') ? address : `${address}/`;
  const urlOf = (...path: readonly string[]) => new URL(path.map(encodeURIComponent).join('/'), base);

  async function download(bundle: ListedBundle, into: string): Promise<void> {
    const of = (name: string) => urlOf(bundle.folder, name);
    const json = await getBytes(of('bundle.json'), MOST_BUNDLE_JSON_BYTES, ask);
    if (sha256(json) !== bundle.hash)
      throw new FatalError(
        `Expected ${of('bundle.json')} to have sha256 ${bundle.hash}, got ${sha256(json)}: the bundle is another`,
      );
    const files = filesOf(json, String(of('bundle.json')));
    const bytes = files.reduce((sum, [, listed]) => sum + listed.bytes, 0);
    if (bytes > MOST_BUNDLE_BYTES)
      throw new FatalError(
        `Expected a bundle of at most ${MOST_BUNDLE_BYTES} bytes at ${base}, got ${bytes}`,
      );
    for (const [name, listed] of files) {
      const content = await getBytes(of(name), listed.bytes, ask);
      if (content.length !== listed.bytes || sha256(content) !== listed.sha256)
        throw new FatalError(
          `Expected ${of(name)} as bundle.json names it, ${listed.bytes} bytes with sha256 ${listed.sha256}, ` +
            `got ${content.length} with ${sha256(content)}: put the bundle back whole`,
        );
      writeFileSync(join(into, name), content);
    }
    writeFileSync(join(into, 'bundle.json'), json);
  }

  return {
    async list() {
      const url = urlOf(REGISTRY_FILE);
      const json = await getBytes(url, MOST_LIST_BYTES, ask);
      try {
        return parseRegistryJson(json.toString('utf8'));
      } catch (error) {
        throw new FatalError(`Expected a valid ${url}: ${(error as Error).message}`);
      }
    },
    async fetch(bundle) {
      const folder = join(cache, bundle.hash);
      if (isWhole(folder, bundle.hash)) return folder;
      mkdirSync(cache, { recursive: true, mode: 0o700 });
      const into = mkdtempSync(join(cache, '.fetched-'));
      try {
        await download(bundle, into);
        // Another process may have fetched the same bundle meanwhile, and read it now.
        if (isWhole(folder, bundle.hash)) return folder;
        rmSync(folder, { recursive: true, force: true });
        renameSync(into, folder);
        return folder;
      } finally {
        rmSync(into, { recursive: true, force: true });
      }
    },
  };
}

function filesOf(json: Buffer, source: string): (readonly [string, NonNullable<BundleFiles['gate.json']>])[] {
  try {
    const { files } = parseBundleJson(json.toString('utf8'));
    return BUNDLE_FILES.flatMap((name) => (files[name] === undefined ? [] : [[name, files[name]] as const]));
  } catch (error) {
    throw new FatalError(`Expected a valid ${source}: ${(error as Error).message}`);
  }
}

/** Whether a folder of the cache holds the bundle of that hash, every byte of it. */
function isWhole(folder: string, hash: string): boolean {
  if (!existsSync(join(folder, 'bundle.json'))) return false;
  const json = readFileSync(join(folder, 'bundle.json'));
  if (sha256(json) !== hash) return false;
  return filesOf(json, folder).every(([name, listed]) => {
    const file = join(folder, name);
    return existsSync(file) && sha256(readFileSync(file)) === listed.sha256;
  });
}
