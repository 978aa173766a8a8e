import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FatalError } from '../common/errors.ts';
import { sha256 } from '../common/sha256.ts';
import { type Gate, parseGate } from '../gating/gate-table.ts';
import { type Manifest, parseManifest, parseWeights } from '../model/manifest.ts';
import { parseMap, type SpectrumMap } from '../model/map.ts';
import type { NeighbourIndex } from '../model/neighbour-index.ts';
import { parseNeighbourIndex } from '../model/parse-neighbour-index.ts';
import { parseSiteMeans, type SiteMeansParts } from '../model/parse-site-means.ts';
import {
  BUNDLE_FILES,
  type BundleFile,
  type BundleFiles,
  type ListedFile,
  MADE_FILES,
  type MadeFile,
  outdatedBy,
  parseBundleJson,
} from '../registry/bundle-json.ts';

/** A model as it lies in a folder, made of the bytes that were verified and of no others. */
export type Bundle = {
  readonly directory: string;
  /** The model's identity: sha256 of bundle.json as it lies there, hex. */
  readonly hash: string;
  readonly files: BundleFiles;
  readonly manifest: Manifest;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** model.onnx: the same network, for onnxruntime. */
  readonly onnx: Uint8Array;
  readonly neighbourIndex: NeighbourIndex | null;
  /** The network that reads means over sites; null of a model that has none. */
  readonly siteMeans: SiteMeansParts | null;
  /** The one that reads copper in its place, and of all elements what is no oxide. */
  readonly copperMeans: SiteMeansParts | null;
  /** Null of a model that was not calibrated yet: no service takes it. */
  readonly gate: Gate | null;
  readonly map: SpectrumMap | null;
};

export type CalibratedBundle = Bundle & { readonly gate: Gate };

/**
 * The only reader of a model: verifies every file that bundle.json names, then reads it.
 * @param options.gate `optional`: for who makes or judges models; a service needs the gate's table
 * @param options.hash what its identity must be, where the folder may have been changed since it was chosen
 * @throws FatalError that names the file which is missing, was changed, or does not belong to the others
 */
export function openBundle(
  directory: string,
  options?: { readonly hash?: string | undefined },
): CalibratedBundle;
export function openBundle(directory: string, options: { readonly gate: 'optional' }): Bundle;
export function openBundle(
  directory: string,
  options: { readonly gate?: 'optional'; readonly hash?: string | undefined } = {},
): Bundle {
  const json = readBundleJson(directory);
  const { hash = sha256(json) } = options;
  if (sha256(json) !== hash)
    throw new FatalError(`Expected the bundle ${hash} in ${directory}, got ${sha256(json)}: it was changed`);
  const bundle = assemble(directory, json, (name) => readFileSync(join(directory, name)));
  if (bundle.gate === null && options.gate !== 'optional')
    throw new FatalError(
      `Expected gate.json in the bundle of ${directory}: run npm run workbench -- calibrate --model ${directory}`,
    );
  return bundle;
}

/**
 * The identity of the model in a folder, whose files are not verified yet.
 * @throws FatalError where there is none
 */
export const bundleHash = (directory: string): string => sha256(readBundleJson(directory));

function readBundleJson(directory: string): Buffer {
  try {
    return readFileSync(join(directory, 'bundle.json'));
  } catch (error) {
    throw new FatalError(`Expected a model's bundle.json in ${directory}: ${(error as Error).message}`);
  }
}

/**
 * @param json bundle.json
 * @param read the bytes of one of its files
 * @throws FatalError as `openBundle`
 */
export function assemble(directory: string, json: Buffer, read: (name: BundleFile) => Buffer): Bundle {
  const parse = <T>(name: string, of: () => T): T => {
    try {
      return of();
    } catch (error) {
      throw new FatalError(`Expected a valid ${join(directory, name)}: ${(error as Error).message}`);
    }
  };
  const { id, files } = parse('bundle.json', () => parseBundleJson(json.toString('utf8')));
  const content = new Map<BundleFile, Buffer>();
  for (const name of BUNDLE_FILES) {
    const listed = files[name];
    if (listed !== undefined)
      content.set(
        name,
        verified(directory, name, listed, () => read(name)),
      );
  }
  const bytes = (name: BundleFile): Buffer => content.get(name)!;
  const text = (name: BundleFile): string => bytes(name).toString('utf8');
  const readMade = <T>(name: MadeFile, of: (json: string, bytes: Buffer) => T): T | null => {
    if (!content.has(name)) return null;
    const outdated = parse(name, () => outdatedBy(name, text(name), files));
    if (outdated !== null)
      throw new FatalError(
        `Expected ${join(directory, name)} to be made for the ${outdated} beside it, got one for another: run ` +
          `npm run workbench -- ${MADE_FILES[name].command} --model ${directory}`,
      );
    return parse(name, () => of(text(name), bytes(MADE_FILES[name].bytes)));
  };

  const readMeans = (name: 'site-means.json' | 'copper-means.json') =>
    readMade(name, (json, weights) =>
      parseSiteMeans(json, weights, bytes(MADE_FILES[name].graph), manifest.network),
    );

  const manifest = parse('manifest.json', () => parseManifest(text('manifest.json')));
  if (manifest.id !== id)
    throw new FatalError(
      `Expected ${directory}/manifest.json to be of ${id}, as bundle.json says, got ${manifest.id}`,
    );
  const weights = files['weights.bin'].sha256;
  if (manifest.hash !== weights)
    throw new FatalError(
      `Expected ${directory}/weights.bin to be the one of manifest.json, sha256 ${manifest.hash}, got ${weights}`,
    );
  const [siteMeans, copperMeans] = [readMeans('site-means.json'), readMeans('copper-means.json')];
  if (copperMeans !== null && !isDeepStrictEqual(copperMeans.config.classes, siteMeans?.config.classes))
    throw new FatalError(`Expected the classes of site-means.json in ${directory}/copper-means.json too`);
  return {
    ...{ directory, hash: sha256(json), files, manifest, siteMeans, copperMeans },
    weights: parse('weights.bin', () => parseWeights(bytes('weights.bin'), manifest)),
    onnx: bytes('model.onnx'),
    neighbourIndex: readMade('neighbours.json', parseNeighbourIndex),
    gate: readMade('gate.json', parseGate),
    map: readMade('map.json', parseMap),
  };
}

function verified(directory: string, name: string, listed: ListedFile, read: () => Buffer): Buffer {
  const refused = (got: string) =>
    new FatalError(
      `Expected ${join(directory, name)} as bundle.json names it, ${listed.bytes} bytes with sha256 ` +
        `${listed.sha256.slice(0, 12)}…, got ${got}: put the bundle back whole, or, if the change is meant, run ` +
        `npm run workbench -- bundle --model ${directory}`,
    );
  let content: Buffer;
  try {
    content = read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refused(code === 'ENOENT' ? 'no such file' : message);
  }
  if (content.length !== listed.bytes) throw refused(`${content.length} bytes`);
  const found = sha256(content);
  if (found !== listed.sha256) throw refused(`sha256 ${found.slice(0, 12)}…`);
  return content;
}
