import type { ElementReference } from '../../src/messages/prepared.ts';
import type { Model } from '../../src/model/load-model.ts';
import { plainScore, scoreDescriptors } from '../evaluation/score.ts';
import { COMPARED_SIGMAS, type CuSite, heldInputs, levelOf } from './cu-sites.ts';
import type { FoldScores } from './fold-scores.ts';

/** Scores of a network on the copper sites of a fold that it did not see, by noise and descriptor. */
export async function scoresOf(
  model: Model,
  held: readonly CuSite[],
  reference: ElementReference,
): Promise<FoldScores['folds'][number]['scores']> {
  const scores: Record<string, Record<string, number>> = {};
  for (const sigma of COMPARED_SIGMAS) {
    const inputs = heldInputs(held, sigma, reference, model.manifest.grid);
    const predictions = await model.predict(inputs.map(({ input }) => input));
    const each = scoreDescriptors(
      predictions,
      inputs.map(({ site }) => site.labels),
    );
    scores[levelOf(sigma)] = Object.fromEntries(each.map((score) => [score.name, plainScore(score)]));
  }
  return scores;
}
