import type { ModelInput } from '../messages/prepared.ts';
import type { Model } from './load-model.ts';
import type { Manifest } from './manifest.ts';
import { seededRandom, shuffle } from './random.ts';

/**
 * Embeddings of the training spectra: their mean and spread, and up to `rows` of each element to measure distances from.
 * @returns the rows in the order that the manifest's `references` counts them
 */
export async function describeTrainingSet(
  model: Model,
  inputs: readonly ModelInput[],
  rows: number,
): Promise<{ summary: Manifest['embedding']; embeddings: readonly Float32Array[] }> {
  const { features, elements } = model.manifest.network;
  const all = (await model.predict(inputs)).map(({ embedding }) => embedding);
  const column = (f: number) => all.map((embedding) => embedding[f]!);
  const mean = Array.from({ length: features }, (_, f) => rounded(average(column(f))));
  const scale = mean.map((m, f) => rounded(Math.sqrt(average(column(f).map((v) => (v - m) ** 2)))));

  const random = seededRandom(1);
  const chosen = elements.map((element) => {
    const own = all.filter((_, i) => inputs[i]!.element === element);
    return { element, own: shuffle(own, random).slice(0, rows) };
  });
  const references = chosen.map(({ element, own }) => ({ element, rows: own.length }));
  return { summary: { features, mean, scale, references }, embeddings: chosen.flatMap(({ own }) => own) };
}

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const rounded = (value: number) => Number(value.toPrecision(6));
