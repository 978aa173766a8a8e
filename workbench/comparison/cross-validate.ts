import { openBundle } from '../../src/bundle/bundle.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { FOLDS } from '../data/folds.ts';
import { countFlops } from '../training/count-flops.ts';
import type { Progress } from '../training/progress.ts';
import type { TrainingPlan } from '../training/training-plan.ts';
import type { CuSite } from './cu-sites.ts';
import { type FoldScores, readFoldScores, SCORES, writeFoldScores } from './fold-scores.ts';
import { scoresOf } from './scores-of.ts';

/**
 * Trains a network on all folds but one, in .cache/cross-validation, and scores it on that one; writes
 * SCORES/MODEL.json after every fold. Folds that are there already are kept.
 * @param options.model name of the scores
 * @param options.experts a network for each descriptor, in place of one for all
 * @param options.planOf how a network of these descriptors is trained without a fold
 * @param options.train as `trainerOf` gives it
 * @param options.note what the reader of the scores must know of them
 */
export async function crossValidate(options: {
  readonly model: string;
  readonly experts: boolean;
  readonly folds: readonly number[];
  readonly sites: readonly CuSite[];
  readonly planOf: (fold: number, descriptors: readonly DescriptorName[]) => TrainingPlan;
  readonly train: (directory: string, plan: TrainingPlan, resume: boolean) => Promise<unknown>;
  readonly note?: string | undefined;
  readonly progress: Progress;
}): Promise<void> {
  const { model, experts, sites, planOf, train, note, progress } = options;
  const whole = planOf(0, DESCRIPTOR_NAMES).network;
  const learned = DESCRIPTOR_NAMES.filter((name) => name in whole.classes || name in whole.reals);
  const groups = experts ? learned.map((name) => [name]) : [learned];
  const cost = groups.reduce((sum, group) => sum + countFlops(planOf(0, group).network), 0);
  const mflop = Number((cost / 1e6).toFixed(2));
  const former = readFoldScores(SCORES).find((each) => each.model === model);
  const scored = [...(former?.folds ?? [])];
  const write = (): void =>
    writeFoldScores(SCORES, { model, mflop, folds: scored, ...(note !== undefined && { note }) });
  for (const fold of options.folds) {
    if (scored.some((each) => each.fold === fold)) continue;
    const held = FOLDS[fold]!.held(sites);
    const scores: Record<string, Record<string, number>> = {};
    for (const group of groups) {
      const part = experts ? `-${group[0]}` : '';
      const directory = `.cache/cross-validation/${model}-${fold}${part}`;
      const plan = planOf(fold, group);
      await train(directory, plan, true);
      const found = await scoresOfTrained(directory, held, plan);
      for (const [level, each] of Object.entries(found)) scores[level] = { ...scores[level], ...each };
    }
    scored.push({ fold, scores });
    progress.say(`${model}, fold ${fold}: ${JSON.stringify(scores.clean)}`);
    write();
  }
  write();
}

/** Scores of a trained network on sites that it did not see, by noise and descriptor. */
async function scoresOfTrained(
  directory: string,
  held: readonly CuSite[],
  { references }: TrainingPlan,
): Promise<FoldScores['folds'][number]['scores']> {
  const trained = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
  const scores = await scoresOf(trained, held, references[0]!);
  await trained.close();
  return scores;
}
