import { openBundle } from '../../src/bundle/bundle.ts';
import { DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { classMetrics, realMetrics } from '../evaluation/metrics.ts';
import { expectedOf, likeliest } from '../evaluation/score.ts';
import { fixed } from '../report/number-formats.ts';
import { mean } from '../report/statistics.ts';

export type Answer = {
  readonly site: Site;
  readonly outputs: Prediction['outputs'] | null;
  readonly expected: number;
};

/** What the model of a folder says of each spectrum; null of an absorber that it never met. */
export async function answersOf(directory: string, sites: readonly Site[]): Promise<Answer[]> {
  const model = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
  const answers = await answersBy(model, sites);
  await model.close();
  return answers;
}

/** The same of a model that is loaded. */
export async function answersBy(
  model: Pick<Model, 'predict' | 'manifest'>,
  sites: readonly Site[],
): Promise<Answer[]> {
  const known = inputsOf(sites, model.manifest);
  const predictions = await model.predict(known.map(({ input }) => input));
  const outputsOf = new Map(known.map(({ site }, i) => [site, predictions[i]!.outputs]));
  return sites.map((site) => {
    const outputs = outputsOf.get(site) ?? null;
    return { site, outputs, expected: outputs?.OS === undefined ? Number.NaN : expectedOf(outputs.OS) };
  });
}

/**
 * Scores of a table's row; empty where no site has the label or all have the same real, dashes where nothing was
 * answered.
 */
export function scoreCells(names: readonly DescriptorName[], answers: readonly Answer[]): string[] {
  return names.map((name) => {
    const score = scoreOf(name, answers);
    if (score === null) return '';
    return answers.every(({ outputs }) => outputs === null) ? '–' : fixed(score);
  });
}

/** Weighted F1 or R2; null where it is not defined. */
export function scoreOf(name: DescriptorName, answers: readonly Answer[]): number | null {
  const rows = answers.filter(({ site }) => site.labels[name] !== undefined);
  if (rows.length === 0) return null;
  const truth = rows.map(({ site }) => site.labels[name]!);
  const isClass = DESCRIPTORS[name].kind === 'class';
  const middle = mean(truth);
  const said = rows.map(({ outputs }) => {
    const output = outputs?.[name];
    if (output !== undefined) return likeliest(output);
    return isClass ? Number.NaN : middle; // no answer is worth what the mean is worth
  });
  if (isClass) return classMetrics(truth, said).weightedF1;
  return truth.every((value) => value === truth[0]) ? null : realMetrics(truth, said).r2;
}
