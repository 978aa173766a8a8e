import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { answerScans, type ReadScan } from '../../src/files/offline.ts';
import { makeGate } from '../../src/gating/gate.ts';
import { gateAtLevel } from '../../src/gating/gate-at-level.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Judgement } from '../../src/messages/judgement.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import type { Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { EngineName } from '../../src/model/engine.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { checkEnergies } from '../../src/spectra/check-energies.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import type { Site } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import { seededRandom } from '../data/random.ts';
import { scanOfSite } from '../data/scan-of-site.ts';
import type { Condition } from './condition-flags.ts';

/** The processor's own parts between decoding and publishing. */
export type Processor = {
  readonly model: Model;
  readonly prepare: (scan: Scan) => Prepared | Reject;
  /** Null for weights that were never calibrated. */
  readonly gate: ((prepared: Prepared, prediction: Prediction) => Judgement) | null;
  /** Coverage of the stated intervals; null without a gate. */
  readonly level: number | null;
  /** Within how much a real counts as right. */
  readonly tolerances: Readonly<Partial<Record<DescriptorName, number>>>;
  /** What a reader of its figures should know, in sentences. */
  readonly notes: readonly string[];
};

/** What the processor says of one site. */
export type Answer = {
  readonly site: Site;
  readonly prediction: Prediction;
  readonly judgement: Judgement | null;
};

export type Answers = {
  readonly answers: readonly Answer[];
  readonly refused: readonly { readonly site: Site; readonly reject: Reject }[];
};

/**
 * @param directory of the model, which may have no gate yet
 * @param level coverage of the stated intervals (default: what the processor states)
 * @throws FatalError for a model that is not there, and for a level that its gate was not calibrated for
 */
export async function loadProcessor(
  directory: string,
  engine: 'auto' | EngineName,
  level: number | null = null,
): Promise<Processor> {
  const bundle = openBundle(directory, { gate: 'optional' });
  const model = await loadModel(bundle, { engine });
  const parts = { model, prepare: makePrepare(bundle.manifest), notes: [] };
  const calibration = bundle.gate;
  if (calibration === null) {
    const note = `${directory} has no gate's table, which calibrate makes: shares and intervals are left out`;
    return { ...parts, gate: null, level: null, tolerances: {}, notes: [note] };
  }

  const tolerances = Object.fromEntries(
    Object.values(calibration.table.calibrations).flatMap((group) =>
      Object.entries(group).flatMap(([name, each]) => (each.kind === 'real' ? [[name, each.tolerance]] : [])),
    ),
  );
  if (level === null)
    return { ...parts, gate: makeGate(calibration), level: calibration.table.level, tolerances };
  try {
    return { ...parts, gate: gateAtLevel(calibration, level), level, tolerances };
  } catch (error) {
    throw new FatalError(`${(error as Error).message}: npm run workbench -- calibrate makes the table`);
  }
}

/**
 * Runs sites through preparation, model and gate as the processor would run scans of them, in order, each perturbed
 * before all else.
 * @param condition.draws copies of each site, with noise of their own
 */
export async function judgeSites(
  { model, prepare, gate }: Processor,
  sites: readonly Site[],
  { perturbation, seed, draws }: Condition,
): Promise<Answers> {
  const random = seededRandom(seed);
  function* copies(): Generator<ReadScan & { readonly site: Site }> {
    for (const site of sites) {
      const middleEv = perturbation.tilt || perturbation.endEv !== undefined ? e0Of(site) : 0;
      for (let draw = 0; draw < draws; draw++)
        yield { site, scan: scanOfSite(perturb(site, perturbation, middleEv, random)) };
    }
  }
  const answers: Answer[] = [];
  const refused: Answers['refused'][number][] = [];
  const stages = { prepare, predict: model.predict, gate: gate ?? (() => null) };
  for await (const each of answerScans(stages, copies())) {
    const { site } = each;
    if (each.reject !== null) refused.push({ site, reject: each.reject });
    else answers.push({ site, prediction: each.prediction, judgement: each.judgement });
  }
  return { answers, refused };
}

/** 0 where there is none to find: such a spectrum will be refused. */
function e0Of({ energyEv, mu }: Site): number {
  if (mu.length !== energyEv.length || checkEnergies(energyEv) !== null) return 0;
  return energyEv[findE0(energyEv, mu)]!;
}
