import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, type Bundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { parseGate } from '../../src/gating/gate-table.ts';
import { parseManifest } from '../../src/model/manifest.ts';
import {
  BUNDLE_FILES,
  type BundleFile,
  type BundleFiles,
  type BundleJson,
  filesOf,
  type ListedFile,
  MADE_FILES,
  type MadeFile,
  outdatedBy,
} from '../../src/registry/bundle-json.ts';

/** A file that lies in the folder and is not of this model, such as the gate's table of other weights. */
export type LeftOut = { readonly file: MadeFile; readonly why: string };

/**
 * Writes bundle.json for the files as they lie in a model's folder: the end of every command that changes one of them.
 * What was made from files that have changed since is left out; it stays where it is, and no reader takes it.
 * @throws FatalError where a file is missing that no model is without, or one cannot be read; bundle.json then stays as
 * it was
 */
export function writeBundle(directory: string): Bundle & { readonly leftOut: readonly LeftOut[] } {
  const content = new Map<BundleFile, Buffer>();
  for (const name of BUNDLE_FILES) {
    const path = join(directory, name);
    if (existsSync(path)) content.set(name, readFileSync(path));
  }
  const files: Partial<Record<BundleFile, ListedFile>> = {};
  const list = (name: BundleFile) => {
    const bytes = content.get(name);
    if (bytes === undefined)
      throw new FatalError(`Expected ${join(directory, name)}: no model is without it`);
    files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  };
  for (const name of ['manifest.json', 'weights.bin', 'model.onnx'] as const) list(name);
  const leftOut: LeftOut[] = [];
  for (const file of Object.keys(MADE_FILES) as MadeFile[]) {
    if (!content.has(file)) continue;
    const { bytes } = MADE_FILES[file];
    const why = content.has(bytes)
      ? misfit(file, content.get(file)!, content.get(bytes)!, files)
      : `there is no ${bytes}`;
    if (why !== null) leftOut.push({ file, why });
    else for (const name of filesOf(file)) list(name);
  }
  const json = Buffer.from(
    bundleText({ format: 1, id: idOf(directory, content.get('manifest.json')!), files }),
  );
  const bundle = assemble(directory, json, (name) => content.get(name)!);
  const path = join(directory, 'bundle.json');
  writeFileSync(`${path}.partial`, json);
  renameSync(`${path}.partial`, path);
  return { ...bundle, leftOut };
}

/** Writes it, and says for people what it holds. */
export function writtenBundle(directory: string): string {
  const { leftOut, ...bundle } = writeBundle(directory);
  return bundleLines(bundle, leftOut);
}

/** What lies in a model's folder, for people. */
export function bundleLines(
  { directory, manifest, hash, files }: Bundle,
  leftOut: readonly LeftOut[] = [],
): string {
  return [
    `${directory}: ${manifest.id}, ${Object.keys(files).length} files, identity ${hash}`,
    ...leftOut.map(({ file, why }) => `without ${file}, ${why}: run ${MADE_FILES[file].command}`),
  ].join('\n');
}

function misfit(file: MadeFile, json: Buffer, bytes: Buffer, files: Partial<BundleFiles>): string | null {
  const text = json.toString('utf8');
  try {
    const outdated = outdatedBy(file, text, files);
    if (outdated !== null) return `which was made for another ${outdated}`;
  } catch {
    return 'which does not say what it was made for';
  }
  return file === 'gate.json' && !isReadable(text, bytes) ? 'which another version of the gate wrote' : null;
}

/** What a gate weighs changes with its code; the table then has to be made anew. */
function isReadable(gate: string, trainingEmbeddings: Buffer): boolean {
  try {
    parseGate(gate, trainingEmbeddings);
    return true;
  } catch {
    return false;
  }
}

function idOf(directory: string, manifest: Buffer): string {
  try {
    return parseManifest(manifest.toString('utf8')).id;
  } catch (error) {
    throw new FatalError(`Expected a valid ${directory}/manifest.json: ${(error as Error).message}`);
  }
}

/** A line a file: what differs between two bundles is seen at once. */
function bundleText({
  format,
  id,
  files,
}: Omit<BundleJson, 'files'> & { files: Partial<BundleFiles> }): string {
  const lines = BUNDLE_FILES.flatMap((name) => {
    const listed = files[name];
    return listed === undefined
      ? []
      : [`  ${JSON.stringify(name)}: { "bytes": ${listed.bytes}, "sha256": "${listed.sha256}" }`];
  });
  return `{\n "format": ${format},\n "id": ${JSON.stringify(id)},\n "files": {\n${lines.join(',\n')}\n }\n}\n`;
}
