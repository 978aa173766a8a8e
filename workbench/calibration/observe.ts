import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import type { Random } from '../data/random.ts';

/** What the processor makes of a scan before the gate, or why it refuses it. */
export type Observed = { readonly prepared: Prepared; readonly prediction: Prediction };

type Prepare = (scan: Scan) => Prepared | Reject;

/** Prepares and evaluates scans as the processor does, in order. */
export async function observeScans(
  model: Model,
  prepare: Prepare,
  scans: readonly Scan[],
): Promise<(Observed | Reject)[]> {
  const prepared = scans.map(prepare);
  const predictions = await model.predict(prepared.flatMap((each) => (isReject(each) ? [] : [each.input])));
  let next = 0;
  return prepared.map((each) =>
    isReject(each) ? each : { prepared: each, prediction: predictions[next++]! },
  );
}

/**
 * A site as the gate would meet it: noise was added before the whole preparation, and estimated again from the scan.
 */
export type Case = Observed & {
  readonly site: Site;
  /** Noise bin by the estimated sigma. */
  readonly bin: number;
  readonly clean: boolean;
};

/** Draws a noise sigma. */
export type NoiseLevel = (random: Random) => number;

/** Every site at every noise level; what preparation rejects or no noise bin holds is left out. */
export async function observe(
  model: Model,
  prepare: Prepare,
  sites: readonly Site[],
  levels: readonly NoiseLevel[],
  noiseEdges: readonly number[],
  random: Random,
): Promise<Case[]> {
  const copies = sites.flatMap((site) =>
    levels.map((level, i) => {
      const noisy = perturb(site, { noise: level(random) }, 0, random);
      return { site, clean: i === 0, scan: scanOfSite(noisy) };
    }),
  );
  const observed = await observeScans(
    model,
    prepare,
    copies.map(({ scan }) => scan),
  );
  return copies.flatMap(({ site, clean }, i) => {
    const each = observed[i]!;
    if (isReject(each)) return [];
    const bin = noiseEdges.findIndex((end) => each.prepared.preparation.noise.sigma < end);
    return bin < 0 ? [] : [{ ...each, site, clean, bin }];
  });
}

/** A site's spectrum as a scan in mode MU. */
export function scanOfSite(site: Site): Scan {
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
    mu: site.mu,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata: { 'energy.scale': site.scale },
  };
}
