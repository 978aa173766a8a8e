import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEAN_NAMES } from '../../../src/messages/prediction.ts';
import type { ElementReference } from '../../../src/messages/prepared.ts';
import type { SiteMeansConfig } from '../../../src/model/site-means.ts';
import { resample } from '../../../src/spectra/resample.ts';
import type { Site } from '../../data/dataset.ts';
import { foldOfSite } from '../../data/folds.ts';
import { seededRandom } from '../../data/random.ts';
import { type Distortion, distort, UNDISTORTED } from './distort.ts';
import { FINE, FINE_EV, onFineAxis } from './fine-axis.ts';
import { likeMeasured, UNVARIED, type Variation } from './like-measured.ts';

/** mu is written in steps of this, as whole numbers of 16 bits. */
const MU_STEP = 1e-4;
const MU_FROM = -1;

/**
 * Writes what a program without this project's code needs to train the network on another machine: sites.json (axis,
 * grid, network, and of each site its element, calculation, fold, labels and weights), and sites.bin (mu of each on the
 * fine axis, uint16 [sites, points], little-endian, (mu - MU_FROM) / MU_STEP; zero outside its range).
 * @param sites to learn from
 * @param metals whose share in a sample is to be learned, too
 */
export function exportSites(
  folder: string,
  sites: readonly Site[],
  metals: readonly Site[],
  references: readonly ElementReference[],
  config: SiteMeansConfig,
): void {
  const referenceOf = new Map(references.map((reference) => [reference.element, reference]));
  const known = [...sites, ...metals].filter(({ element }) => referenceOf.has(element));
  const bins = new Uint16Array(known.length * FINE.points);
  const described = known.map((site, row) => {
    const reference = referenceOf.get(site.element)!;
    const { from, mu } = onFineAxis(site, reference);
    mu.forEach((value, i) => {
      bins[row * FINE.points + from + i] = Math.min(
        Math.max(Math.round((value - MU_FROM) / MU_STEP), 0),
        65_535,
      );
    });
    return {
      element: config.elements.indexOf(site.element),
      scale: site.scale,
      fold: foldOfSite(site),
      from,
      to: from + mu.length,
      decoded: site.decoded,
      metal: site.kind === 'metal',
      labels: MEAN_NAMES.map((name) => site.labels[name] ?? null),
      weights: MEAN_NAMES.map((name) => site.weights[name] ?? 0),
    };
  });
  writeFileSync(join(folder, 'sites.bin'), bins);
  const foilOffsetsEv = config.elements.map((element) => {
    const reference = referenceOf.get(element);
    return reference === undefined ? 0 : reference.foilE0Ev - reference.referenceEv;
  });
  writeFileSync(
    join(folder, 'sites.json'),
    JSON.stringify({
      ...{ fine: FINE, muFrom: MU_FROM, muStep: MU_STEP, config, foilOffsetsEv },
      checks: checksOf(known, references, config),
      sites: described,
    }),
  );
}

/** What must come out of a few spectra, distorted and shifted: `mu` and `mask` on the grid of `sites[site]`. */
function checksOf(sites: readonly Site[], references: readonly ElementReference[], config: SiteMeansConfig) {
  const variations: readonly Partial<Variation>[] = [
    ...[{}, { stretch: 0.03, whiteLine: 0.1 }, { lifetimeEv: 2, fineStructure: -0.2 }],
    ...[{ preEdge: 0.5 }, { bend: 0.05, bendTurns: 0.3 }, { stretch: -0.02, fineStructure: 0.2, bend: 0.02 }],
  ];
  const distortions: readonly Partial<Distortion>[] = [
    {},
    { broadeningEv: 1.2 },
    { selfAbsorption: 1 },
    { leakage: 0.1, thickness: 2.5 },
    { clip: 0.85 },
    { jump: 0.1, jumpAtEv: 12.1 },
  ];
  const offsetsEv = Float64Array.from(config.offsetsEv);
  return distortions.map((distortion, i) => {
    const site = Math.floor((i * sites.length) / distortions.length);
    const reference = references.find(({ element }) => element === sites[site]!.element)!;
    const by = { ...UNDISTORTED, ...distortion };
    const variation = { ...UNVARIED, ...variations[i] };
    const computed = likeMeasured(onFineAxis(sites[site]!, reference), variation);
    const { from, mu } = distort(computed, by, seededRandom(1));
    const shiftEv = 0.3 * i - 0.7;
    const onGrid = resample(FINE_EV.slice(from, from + mu.length), mu, shiftEv, offsetsEv);
    return { site, by, variation, shiftEv, mu: [...onGrid.mu], mask: [...onGrid.mask] };
  });
}
