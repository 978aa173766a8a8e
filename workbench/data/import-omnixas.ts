import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { gzipLines } from './gzip-lines.ts';
import { type LabelFile, nameInside, readLabelIndex, readLabels } from './make-labels.ts';
import { openOmnixas, type SpectrumOf } from './omnixas-checkout.ts';
import { reportMissing } from './report-missing.ts';
import { withSpectrum } from './spectrum-text.ts';

export type OmnixasImport = {
  /** A working tree of the OmniXAS repository. */
  readonly checkout: string;
  readonly labels: string;
  readonly out: string;
  /** Write what can be written where spectra are missing. */
  readonly allowMissing: boolean;
  readonly say: (line: string) => void;
};

const SAY_EVERY = 1000; // rows

/**
 * Joins our labels with the spectra of a checkout: the files of `labels` again, each line with its spectrum. A
 * spectrum that is not the one that the label was made for counts as missing.
 * @returns how many spectra are missing
 * @throws FatalError where something is missing and `allowMissing` is false: then nothing is written
 */
export function importOmnixas({ checkout, labels, out, allowMissing, say }: OmnixasImport): number {
  const spectrumOf = openOmnixas(checkout);
  const index = readLabelIndex(labels);
  const joined = index.files.map((file) =>
    joinFile(file, readLabels(labels, file), spectrumOf, index.commit, say),
  );
  const faults = joined.flatMap((each) => each.faults);
  const all = index.files.reduce((sum, { rows }) => sum + rows, 0);
  reportMissing(faults, all, { allowMissing, say });
  for (const { file, lines, faults } of joined) {
    const text = lines.map((line) => `${line}\n`).join('');
    const bytes = gzipLines(text, nameInside(file.file));
    const path = join(out, file.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    const same = sha256(bytes) === file.sha256;
    // Every line was checked, so that only its packing could differ.
    if (!same && faults.length === 0)
      throw new FatalError(`Expected ${path} to have the sha256 ${file.sha256}, got ${sha256(bytes)}`);
    say(
      `${path}: ${lines.length} spectra${same ? `, sha256 ${file.sha256.slice(0, 12)} as in training` : ''}`,
    );
  }
  return faults.length;
}

type Joined = {
  readonly file: LabelFile;
  readonly lines: readonly string[];
  readonly faults: readonly string[];
};

function joinFile(
  file: LabelFile,
  labels: readonly string[],
  spectrumOf: SpectrumOf,
  commit: string,
  say: (line: string) => void,
): Joined {
  const lines: string[] = [];
  const faults: string[] = [];
  for (const [i, label] of labels.entries()) {
    const site = JSON.parse(label) as { readonly id: string; readonly element: string };
    const spectrum = spectrumOf(site);
    const line = 'missing' in spectrum ? null : withSpectrum(label, spectrum);
    if (line !== null) lines.push(line);
    else if ('missing' in spectrum) faults.push(`not found: ${spectrum.missing}`);
    else faults.push(`${site.id} has another spectrum than at commit ${commit.slice(0, 8)}`);
    if ((i + 1) % SAY_EVERY === 0 || i + 1 === labels.length)
      say(`${file.file}: read ${i + 1} of ${labels.length}`);
  }
  return { file, lines, faults };
}
