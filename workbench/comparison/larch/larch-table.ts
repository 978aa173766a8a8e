type Edge = { readonly e0Ev: number; readonly edgeStep: number };
export type Compared = { readonly file: string; readonly larch: Edge; readonly ours: Edge };

/** What the two may differ by: eV of E0, and a share of the edge step. */
const ALLOWED = { e0Ev: 0.3, edgeStep: 0.01 };

/** Markdown: how far E0 and edge step are from larch's, over all files and file by file. */
export function larchTable(files: readonly Compared[]): string {
  if (files.length === 0) throw new RangeError('Expected at least one file, got none');
  const rows = files.map(({ file, larch, ours }) => ({
    file,
    larch,
    ours,
    e0: ours.e0Ev - larch.e0Ev,
    step: ours.edgeStep / larch.edgeStep - 1,
  }));
  const summary = (
    name: string,
    values: readonly number[],
    allowed: number,
    shown: (v: number) => string,
  ) => {
    const sizes = values.map(Math.abs);
    const within = sizes.filter((value) => value <= allowed).length;
    const cells = [median(sizes), Math.max(...sizes), allowed].map(shown);
    return `| ${[name, ...cells, `${within} of ${files.length}`].join(' | ')} |`;
  };
  const ev = (value: number) => `${value.toFixed(3)} eV`;
  const percent = (value: number) => `${(100 * value).toFixed(4)}%`;
  return [
    '# Alignment beside larch',
    '',
    'E0 and edge step of the measured files, ours (src/spectra) and those of xraylarch 2026.3 (`find_e0` and `pre_edge` with their',
    'defaults; workbench/comparison/larch/reference.py). Made by `node --import tsx workbench/comparison/larch/compare.ts`.',
    '',
    '| absolute difference | median | largest | allowed | files within it |',
    '|---|---|---|---|---|',
    summary(
      'E0',
      rows.map(({ e0 }) => e0),
      ALLOWED.e0Ev,
      ev,
    ),
    summary(
      'edge step',
      rows.map(({ step }) => step),
      ALLOWED.edgeStep,
      percent,
    ),
    '',
    "| file | larch's E0, eV | ours, minus larch's | larch's edge step | ours, by larch's, minus 1 |",
    '|---|---|---|---|---|',
    ...rows.map(({ file, larch, e0, step }) => {
      const cells = [
        larch.e0Ev.toFixed(3),
        plain(e0, 3),
        larch.edgeStep.toFixed(6),
        `${plain(100 * step, 4)}%`,
      ];
      return `| ${[file, ...cells].join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rounded, without the sign of a zero. */
function plain(value: number, digits: number): string {
  return (Number(value.toFixed(digits)) || 0).toFixed(digits);
}
