import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESCRIPTORS, type DescriptorName } from '../../../src/messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid, ModelInput } from '../../../src/messages/prepared.ts';
import { type Site, toInput } from '../../data/dataset.ts';
import { seededRandom } from '../../data/random.ts';
import { AUGMENTATION, augmenter } from '../../training/augment.ts';
import { binRange } from '../../training/grid.ts';

/** What trees.py is told; the arrays lie beside it. */
export type Exported<R extends string> = {
  readonly bins: number;
  readonly copies: number;
  readonly descriptors: readonly { readonly name: DescriptorName; readonly kind: 'class' | 'real' }[];
  /** One evaluation each: which sites are held out, and who may be trained on. */
  readonly runs: readonly {
    readonly name: R;
    readonly train: readonly number[];
    readonly held: readonly number[];
  }[];
};

/**
 * Writes spectra of one element as the networks get them: on the model's grid, divided by the mean over the gain bins,
 * each once as it is and `copies` times augmented; NaN where nothing was measured. Files of float32, little-endian:
 * inputs.f32 [1 + copies, sites, bins], labels.f32 [sites, descriptors] (NaN: unknown), and for each run and noise
 * RUN-SIGMA.f32 [held, bins].
 * @param options.sites cover the grid
 * @returns what meta.json says
 */
export function writeSpectra<S extends Site, R extends string>(options: {
  readonly folder: string;
  readonly sites: readonly S[];
  readonly reference: ElementReference;
  readonly grid: EnergyGrid;
  readonly copies: number;
  readonly descriptors: readonly DescriptorName[];
  readonly runs: readonly {
    readonly name: R;
    readonly isTrain: (site: S) => boolean;
    readonly isHeld: (site: S) => boolean;
    /** Of the sites that are held out, in their order, at each noise. */
    readonly held: readonly { readonly sigma: number; readonly inputs: readonly ModelInput[] }[];
  }[];
}): Exported<R> {
  const { folder, sites, reference, grid, copies, descriptors } = options;
  mkdirSync(folder, { recursive: true });
  const augment = augmenter(grid, AUGMENTATION);
  const random = seededRandom(1);
  const clean = sites.map((site) => toInput(site, reference, grid)!);
  const augmented = Array.from({ length: copies }, () =>
    sites.map((site) => augment(site, reference, random)),
  ).flat();
  writeRows(join(folder, 'inputs.f32'), [...clean, ...augmented], grid);
  const labels = sites.flatMap((site) => descriptors.map((name) => site.labels[name] ?? Number.NaN));
  writeFileSync(join(folder, 'labels.f32'), bytesOf(Float32Array.from(labels)));
  const rows = (keep: (site: S) => boolean) => sites.flatMap((site, row) => (keep(site) ? [row] : []));
  const runs = options.runs.map(({ name, isTrain, isHeld, held }) => {
    for (const { sigma, inputs } of held) writeRows(join(folder, `${name}-${sigma}.f32`), inputs, grid);
    return { name, train: rows(isTrain), held: rows(isHeld) };
  });
  const exported = {
    bins: grid.offsetsEv.length,
    copies,
    descriptors: descriptors.map((name) => ({ name, kind: DESCRIPTORS[name].kind })),
    runs,
  };
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(exported));
  return exported;
}

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
