import type { Prediction } from '../../src/messages/prediction.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { learnedBy, type TrainingData } from '../data/training-data.ts';
import { crossFitModels } from '../training/cross-fit.ts';

/** What a model says of a site that it has not seen, and the set that the site is of. */
export type CrossFitAnswer = {
  readonly set: string;
  readonly site: Site;
  readonly prediction: Prediction;
};

/**
 * Every site that a model was trained on, as the model of its cross-fit reads it that has not seen its fold.
 * Noise-free; decoded labels are left out.
 */
export async function crossFitAnswers(manifest: Manifest, data: TrainingData): Promise<CrossFitAnswer[]> {
  const learned = new Set(learnedBy(data, manifest.training));
  const sites = [...data.sets].flatMap(([set, { train, val, test }]) =>
    [...train, ...val, ...test].flatMap((site) =>
      learned.has(site) && !site.decoded ? [{ ...site, set }] : [],
    ),
  );
  const answers: CrossFitAnswer[] = [];
  for await (const { held, model } of crossFitModels(manifest)) {
    const known = inputsOf(held(sites), model.manifest);
    const predictions = await model.predict(known.map(({ input }) => input));
    for (const [i, { site }] of known.entries())
      answers.push({ set: site.set, site, prediction: predictions[i]! });
  }
  return answers;
}
