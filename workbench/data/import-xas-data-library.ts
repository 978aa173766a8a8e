import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import type { Standard } from '../measured/manifest.ts';
import { reportMissing } from './report-missing.ts';

export const XAS_DATA_LIBRARY = 'https://github.com/XraySpectroscopy/XASDataLibrary';

/** A measured file as `measured` wants it, and where the library keeps it. */
export type LibraryFile = Standard & {
  /** In the repository. */
  readonly path: string;
  readonly sha256: string;
};

export type LibraryImport = {
  /** A working tree of the XAS Data Library. */
  readonly checkout: string;
  /** What is known of each file: a JSON array. */
  readonly labels: string;
  readonly out: string;
  readonly allowMissing: boolean;
  readonly say: (line: string) => void;
};

/**
 * Copies the files that we have labels of from a checkout, byte by byte, and writes manifest.json beside them. A
 * file of other content counts as missing.
 * @throws FatalError where something is missing and `allowMissing` is false: then nothing is written
 */
export function importXasDataLibrary({ checkout, labels, out, allowMissing, say }: LibraryImport): void {
  if (!existsSync(join(checkout, 'data')))
    throw new FatalError(
      `Expected a checkout of the XAS Data Library, with a folder data, at ${checkout}: git clone ${XAS_DATA_LIBRARY}`,
    );
  const wanted = readLibraryFiles(labels);
  const found = new Map<LibraryFile, Uint8Array>();
  const faults: string[] = [];
  for (const file of wanted) {
    const path = join(checkout, file.path);
    const bytes = existsSync(path) ? readFileSync(path) : null;
    if (bytes === null) faults.push(`not found: ${path} (for ${file.file})`);
    else if (sha256(bytes) !== file.sha256) faults.push(`${path} has not the sha256 ${file.sha256}`);
    else found.set(file, bytes);
  }
  reportMissing(faults, wanted.length, { allowMissing, say });
  for (const [{ file }, bytes] of found) {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), bytes);
  }
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify([...found.keys()], null, 1)}\n`);
  say(`${out}: ${found.size} measured files, and manifest.json`);
}

/** @throws FatalError where there is no such file */
export function readLibraryFiles(file: string): readonly LibraryFile[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(
      `Expected labels of measured files at ${file}: give --labels (${(error as Error).message})`,
    );
  }
}
