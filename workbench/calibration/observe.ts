import { predictScans, type ReadScan } from '../../src/files/offline.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { GateInput } from '../../src/messages/prepared.ts';
import type { Model } from '../../src/model/load-model.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import type { Site } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import type { Random } from '../data/random.ts';
import { scanOfSite } from '../data/scan-of-site.ts';

/**
 * A site as the gate would meet it: noise was added before the whole preparation, and estimated again from the scan.
 */
export type Case = {
  readonly site: Site;
  readonly prepared: GateInput;
  readonly prediction: Prediction;
  /** Noise bin by the estimated sigma. */
  readonly bin: number;
  /** Whether no noise was added. */
  readonly clean: boolean;
};

/** Draws a noise sigma. */
export type NoiseLevel = (random: Random) => number;

/**
 * Every site at every noise level; what preparation rejects or no noise bin holds is left out.
 * @param levels the first adds none
 */
export async function observe(
  model: Model,
  sites: readonly Site[],
  levels: readonly NoiseLevel[],
  noiseEdges: readonly number[],
  random: Random,
): Promise<Case[]> {
  const stages = { prepare: makePrepare(model.manifest), predict: model.predict };
  const cases: Case[] = [];
  for await (const each of predictScans(stages, copiesOf(sites, levels, random))) {
    if (each.reject !== null) continue;
    const { site, clean, prediction } = each;
    const prepared = gateInputOf(each.prepared);
    const bin = noiseEdges.findIndex((end) => prepared.preparation.noise.sigma < end);
    if (bin >= 0) cases.push({ site, prepared, prediction, bin, clean });
  }
  return cases;
}

/** What is kept of a scan that a gate is fitted on: what people are shown would take gigabytes. */
export const gateInputOf = ({ input, preparation }: GateInput): GateInput => ({ input, preparation });

function* copiesOf(
  sites: readonly Site[],
  levels: readonly NoiseLevel[],
  random: Random,
): Generator<ReadScan & Pick<Case, 'site' | 'clean'>> {
  for (const site of sites) {
    for (const [i, level] of levels.entries()) {
      const noisy = perturb(site, { noise: level(random) }, 0, random);
      yield { site, clean: i === 0, scan: scanOfSite(noisy) };
    }
  }
}
