import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { gzipLines } from './gzip-lines.ts';
import { withoutSpectrum } from './spectrum-text.ts';

/** One file of labels: its name, which is also that of the file with spectra, with the hash of the latter. */
export type LabelFile = { readonly file: string; readonly rows: number; readonly sha256: string };
export type LabelIndex = {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly LabelFile[];
};

export const LABELS = 'data/labels';
const INDEX = 'omnixas.json';
const SETS = ['cu-feff9', 'tm-feff9'];
const PARTS = ['train', 'val', 'test'];

/** @throws FatalError where the folder has no labels */
export function readLabelIndex(folder: string): LabelIndex {
  const file = join(folder, INDEX);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(`Expected labels with ${file}: give --labels (${(error as Error).message})`);
  }
}

/** The lines of one file of labels. */
export function readLabels(folder: string, { file }: LabelFile): string[] {
  return linesOf(join(folder, file));
}

/** From the sets with spectra the labels alone: files of the same names, and an index with the hashes of the sets. */
export function makeLabels(from: string, out: string, origin: Omit<LabelIndex, 'files'>): LabelIndex {
  const files = SETS.flatMap((set) => PARTS.map((part) => `${set}/${part}.jsonl.gz`)).map((file) => {
    const lines = linesOf(join(from, file));
    const text = lines.map((line) => `${withoutSpectrum(line)}\n`).join('');
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), gzipLines(text, nameInside(file)));
    return { file, rows: lines.length, sha256: sha256(readFileSync(join(from, file))) };
  });
  const index = { ...origin, files };
  writeFileSync(join(out, INDEX), `${JSON.stringify(index, null, 2)}\n`);
  return index;
}

export function nameInside(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.gz$/, '');
}

function linesOf(file: string): string[] {
  try {
    return gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
  } catch (error) {
    throw new FatalError(`Expected gzipped JSON lines at ${file}: ${(error as Error).message}`);
  }
}
