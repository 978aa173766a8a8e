import { openBundle } from '../../src/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { FatalError } from '../../src/errors.ts';
import { makeGate } from '../../src/gating/gate.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Judgement } from '../../src/messages/judgement.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { type EngineName, loadModel, type Model } from '../../src/model/load-model.ts';
import { checkEnergies } from '../../src/spectra/check-energies.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { observeScans, scanOfSite } from '../calibration/observe.ts';
import type { Site } from '../data/dataset.ts';
import { type Perturbation, perturb } from '../data/perturb.ts';
import { seededRandom } from '../data/random.ts';
import { gateAtLevel } from './gate-at-level.ts';

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
 * @param model a name under models/, or a folder
 * @param level coverage of the stated intervals (default: what the processor states)
 * @throws FatalError for a model that is not there, and for a level that its gate was not calibrated for
 */
export async function loadProcessor(
  model: string,
  engine: 'auto' | EngineName,
  level: number | null = null,
): Promise<Processor> {
  const bundle = openBundle(modelFolder(model), { gate: 'optional' });
  const parts = { model: await loadModel(bundle, { engine }), prepare: makePrepare(bundle.manifest) };
  const calibration = bundle.gate;
  if (calibration === null) return { ...parts, gate: null, level: null, tolerances: {} };

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
    throw new FatalError(`${(error as Error).message}: npm run calibrate makes the table`);
  }
}

/**
 * Runs sites through preparation, model and gate as the processor would run scans of them, in order, each perturbed
 * before all else.
 * @param draws copies of each site, with noise of their own
 */
export async function judgeSites(
  { model, prepare, gate }: Processor,
  sites: readonly Site[],
  perturbation: Perturbation,
  seed: number,
  draws = 1,
): Promise<Answers> {
  const random = seededRandom(seed);
  const copies = sites.flatMap((site) => {
    const middleEv = perturbation.tilt || perturbation.endEv !== undefined ? e0Of(site) : 0;
    return Array.from({ length: draws }, () => {
      return { site, scan: scanOfSite(perturb(site, perturbation, middleEv, random)) };
    });
  });
  const observed = await observeScans(
    model,
    prepare,
    copies.map(({ scan }) => scan),
  );
  const answers: Answer[] = [];
  const refused: Answers['refused'][number][] = [];
  copies.forEach(({ site }, i) => {
    const each = observed[i]!;
    if (isReject(each)) refused.push({ site, reject: each });
    else {
      const { prepared, prediction } = each;
      answers.push({ site, prediction, judgement: gate?.(prepared, prediction) ?? null });
    }
  });
  return { answers, refused };
}

/** 0 where there is none to find: such a spectrum will be refused. */
function e0Of({ energyEv, mu }: Site): number {
  if (mu.length !== energyEv.length || checkEnergies(energyEv) !== null) return 0;
  return energyEv[findE0(energyEv, mu)]!;
}
