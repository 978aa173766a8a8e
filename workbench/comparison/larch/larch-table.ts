import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from '../../report/markdown-table.ts';
import { fixed, percent } from '../../report/number-formats.ts';
import { median } from '../../report/statistics.ts';

export type Edge = { readonly e0Ev: number; readonly edgeStep: number };
export type Compared = { readonly file: string; readonly larch: Edge; readonly ours: Edge };

/** What the two may differ by: eV of E0, and a share of the edge step. */
const ALLOWED = { e0Ev: 0.3, edgeStep: 0.01 };

/** Markdown: how far E0 and edge step are from larch's, over all files and file by file. */
export function larchTable(files: readonly Compared[]): string {
  if (files.length === 0) throw new RangeError('Expected at least one file, got none');
  const rows = files.map(({ file, larch, ours }) => ({
    file,
    larch,
    e0: ours.e0Ev - larch.e0Ev,
    step: ours.edgeStep / larch.edgeStep - 1,
  }));
  const summary = (differences: readonly number[], allowed: number, shown: (value: number) => string) => {
    const sizes = differences.map(Math.abs);
    const within = sizes.filter((size) => size <= allowed).length;
    return [...[median(sizes), Math.max(...sizes), allowed].map(shown), `${within} of ${files.length}`];
  };
  const e0 = rows.map((row) => row.e0);
  const step = rows.map((row) => row.step);
  const summaries = [
    ['E0', ...summary(e0, ALLOWED.e0Ev, (value) => `${fixed(value)} eV`)],
    ['edge step', ...summary(step, ALLOWED.edgeStep, (value) => percent(value, 4))],
  ];
  const each = rows.map((row) => [
    row.file,
    fixed(row.larch.e0Ev),
    unsignedZero(fixed(row.e0)),
    fixed(row.larch.edgeStep, 6),
    unsignedZero(percent(row.step, 4)),
  ]);
  return `# Alignment beside larch

E0 and edge step of the measured files, ours (src/spectra) and those of xraylarch 2026.3 (\`find_e0\` and \`pre_edge\`
with their defaults; workbench/comparison/larch/reference.py). Made by \`npm run workbench -- compare-larch\`.

${markdownTable(['absolute difference', 'median', 'largest', 'allowed', 'files within it'], summaries)}
${markdownTable(['file', "larch's E0, eV", "ours, minus larch's", "larch's edge step", "ours, by larch's, minus 1"], each)}`;
}

/** What larch finds in the measured files, by their names; reference.py wrote it. */
export function readLarchEdges(): ReadonlyMap<string, Edge> {
  const json = readFileSync(join(import.meta.dirname, 'measured.json'), 'utf8');
  return new Map(Object.entries(JSON.parse(json) as Record<string, Edge>));
}

/** A number that is rounded to zero has no sign. */
const unsignedZero = (text: string): string => (/[1-9]/.test(text) ? text : text.replace('-', ''));
