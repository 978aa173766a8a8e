import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import type { Site } from '../../src/model/dataset.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Random } from '../../src/model/random.ts';

/** A site as the gate would meet it: noise was added before the whole preparation, and estimated again from the scan. */
export type Case = {
  readonly site: Site;
  readonly prepared: Prepared;
  readonly prediction: Prediction;
  /** Noise bin by the estimated sigma. */
  readonly bin: number;
  readonly clean: boolean;
};

/** Draws a noise sigma. */
export type NoiseLevel = (random: Random) => number;

/** Every site at every noise level; what preparation rejects or no noise bin holds is left out. */
export async function observe(
  model: Model,
  prepare: (scan: Scan) => Prepared | Reject,
  sites: readonly Site[],
  levels: readonly NoiseLevel[],
  noiseEdges: readonly number[],
  random: Random,
): Promise<Case[]> {
  const kept: Omit<Case, 'prediction'>[] = [];
  for (const site of sites) {
    for (const [i, level] of levels.entries()) {
      const prepared = prepare(scanOfSite(site, level(random), random));
      if (isReject(prepared)) continue;
      const bin = noiseEdges.findIndex((end) => prepared.preparation.noise.sigma < end);
      if (bin >= 0) kept.push({ site, prepared, bin, clean: i === 0 });
    }
  }
  const predictions = await model.predict(kept.map(({ prepared }) => prepared.input));
  return kept.map((each, i) => ({ ...each, prediction: predictions[i]! }));
}

/** A site's spectrum as a scan in mode MU, with white noise of standard deviation `sigma` on each point. */
export function scanOfSite(site: Site, sigma: number, random: Random): Scan {
  return {
    scanId: site.id,
    runId: '',
    sampleId: site.material,
    beamline: '',
    element: site.element,
    edge: site.edge,
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv: site.energyEv,
    mu: sigma > 0 ? site.mu.map((value) => value + sigma * random.normal()) : site.mu,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata: { 'energy.scale': site.scale },
  };
}
