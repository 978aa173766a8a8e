import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESCRIPTORS, type DescriptorName } from '../../../src/messages/descriptor-names.ts';
import type { EnergyGrid, ModelInput } from '../../../src/messages/prepared.ts';
import { toInput } from '../../data/dataset.ts';
import { seededRandom } from '../../data/random.ts';
import { AUGMENTATION, augmenter } from '../../training/augment.ts';
import { binRange, defaultGrid } from '../../training/grid.ts';
import { fitReferences, MEASURED_SHIFTS_EV } from '../../training/references.ts';
import { COMPARED_SIGMAS, type CuSite, heldInputs, readCuSites } from '../cu-sites.ts';

/** What trees.py is told; the arrays lie beside it. */
export type Exported = {
  readonly bins: number;
  readonly copies: number;
  readonly descriptors: readonly { readonly name: DescriptorName; readonly kind: 'class' | 'real' }[];
  /** One evaluation each: which sites are held out, and who may be trained on. */
  readonly runs: readonly {
    readonly name: RunName;
    readonly train: readonly number[];
    readonly held: readonly number[];
  }[];
};

const FOLDS = ['fold-0', 'fold-1', 'fold-2', 'fold-3', 'fold-4'] as const;
/** The published splits, and the folds of the cross-validation. */
export const RUN_NAMES = ['test', 'val', ...FOLDS] as const;
export type RunName = (typeof RUN_NAMES)[number];

export const EXPORTED_LABELS = [
  'OS',
  'CN',
  'CN2',
  'OCN',
  'PSGO',
  'NNRS',
  'MOOD',
] as const satisfies DescriptorName[];

/**
 * Writes the copper spectra as the networks get them: on the model's grid, divided by the mean over the gain bins, each
 * once as it is and `copies` times augmented; NaN where nothing was measured. Files of float32, little-endian:
 * inputs.f32 [1 + copies, sites, bins], labels.f32 [sites, labels] (NaN: unknown), and for each run RUN-SIGMA.f32
 * [held, bins].
 * @returns the sites that cover the grid, in the order of the rows, and what meta.json says
 */
export function exportSpectra(
  data: string,
  copies: number,
  folder: string,
): { readonly sites: readonly CuSite[]; readonly exported: Exported } {
  const all = readCuSites(data);
  const grid = defaultGrid();
  const [reference] = fitReferences(
    all.filter(({ split }) => split === 'train'),
    MEASURED_SHIFTS_EV,
  );
  const clean = all.flatMap((site) => {
    const input = toInput(site, reference!, grid);
    return input === null ? [] : [{ site, input }];
  });
  const sites = clean.map(({ site }) => site);
  const row = new Map(sites.map(({ id }, i) => [id, i]));

  mkdirSync(folder, { recursive: true });
  const augment = augmenter(grid, AUGMENTATION);
  const random = seededRandom(1);
  const augmented = Array.from({ length: copies }, () =>
    sites.map((site) => augment(site, reference!, random)),
  ).flat();
  writeRows(join(folder, 'inputs.f32'), [...clean.map(({ input }) => input), ...augmented], grid);
  const labels = sites.flatMap((site) => EXPORTED_LABELS.map((name) => site.labels[name] ?? Number.NaN));
  writeFileSync(join(folder, 'labels.f32'), bytesOf(Float32Array.from(labels)));

  const runs = RUN_NAMES.map((name) => {
    const partOf = name === 'test' || name === 'val' ? splitRun(name) : foldRun(name);
    const isHeld = (site: CuSite) => partOf(site) === 'held';
    const isTrain = (site: CuSite) => partOf(site) === 'train';
    for (const sigma of COMPARED_SIGMAS) {
      const held = heldInputs(all.filter(isHeld), sigma, reference!, grid);
      writeRows(
        join(folder, `${name}-${sigma}.f32`),
        held.map(({ input }) => input),
        grid,
      );
    }
    const rows = (keep: (site: CuSite) => boolean) => sites.filter(keep).map(({ id }) => row.get(id)!);
    return { name, train: rows(isTrain), held: rows(isHeld) };
  });
  const descriptors = EXPORTED_LABELS.map((name) => ({ name, kind: DESCRIPTORS[name].kind }));
  const exported = { bins: grid.offsetsEv.length, copies, descriptors, runs };
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(exported));
  return { sites, exported };
}

/** By the published splits: what is neither trained on nor held out is left out. */
const splitRun = (held: 'test' | 'val') => (site: CuSite) =>
  site.split === held ? 'held' : site.split === 'train' ? 'train' : 'neither';

const foldRun = (name: RunName) => (site: CuSite) => (name === `fold-${site.fold}` ? 'held' : 'train');

function writeRows(file: string, inputs: readonly ModelInput[], grid: EnergyGrid): void {
  const bins = grid.offsetsEv.length;
  const [first, last] = binRange(grid.offsetsEv, 5, grid.requiredToEv); // the gain bins of make-config.ts
  const rows = new Float32Array(inputs.length * bins);
  inputs.forEach(({ mu, mask }, i) => {
    let gain = 0;
    for (let bin = first; bin <= last; bin++) gain += mu[bin]! / (last - first + 1);
    for (let bin = 0; bin < bins; bin++)
      rows[i * bins + bin] = mask[bin] === 0 ? Number.NaN : mu[bin]! / gain;
  });
  writeFileSync(file, bytesOf(rows));
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
