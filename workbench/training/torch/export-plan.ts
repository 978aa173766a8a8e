import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { offsetsOf, type Site } from '../../data/dataset.ts';
import { augmenter } from '../augment.ts';
import { parametersOf } from '../save-model.ts';
import type { TrainingPlan } from '../training-plan.ts';

/** Numbers in place of every draw, with which the two ways to vary a spectrum are compared; the first cuts it short. */
const CHECKS = [
  { uniform: 0.3, normal: 0.7 },
  { uniform: 0.6, normal: -0.4 },
  { uniform: 0.9, normal: 0.2 },
];

/**
 * Writes what train_spt.py needs: plan.json (network, grid, recipe, parameters, and of each site its element, labels
 * and weights), and sites.bin (float32 [sites, 2, points], little-endian: energies about the element's reference in eV,
 * and mu; short spectra go on with greater energies, which nobody reads).
 * @param sites that cover the grid
 */
export function exportPlan(folder: string, plan: TrainingPlan, sites: readonly Site[]): void {
  const { network, grid, recipe, seed, references } = plan;
  const points = Math.max(...sites.map(({ mu }) => mu.length));
  const referenceOf = (site: Site) => references.find(({ element }) => element === site.element)!;
  const values = new Float32Array(sites.length * 2 * points);
  const described = sites.map((site, row) => {
    const offsets = offsetsOf(site, referenceOf(site));
    const own = values.subarray(2 * row * points, 2 * (row + 1) * points);
    for (let i = 0; i < points; i++) own[i] = offsets[i] ?? 1e6 + i;
    own.set(site.mu, points);
    return {
      element: network.elements.indexOf(site.element),
      scale: site.scale,
      points: site.mu.length,
      labels: site.labels,
      weights: site.weights,
    };
  });
  const vary = augmenter(grid, recipe.augmentation);
  const checks = CHECKS.map(({ uniform, normal }, i) => {
    const site = Math.floor((i * sites.length) / CHECKS.length);
    const constant = { uniform: () => uniform, normal: () => normal };
    const { mu, mask } = vary(sites[site]!, referenceOf(sites[site]!), constant);
    return { site, uniform, normal, mu: [...mu], mask: [...mask] };
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sites.bin'), values);
  writeFileSync(
    join(folder, 'plan.json'),
    JSON.stringify({
      ...{ network, seed, recipe, points, checks },
      grid: { ...grid, offsetsEv: [...grid.offsetsEv] },
      parameters: parametersOf(network),
      sites: described,
    }),
  );
}
