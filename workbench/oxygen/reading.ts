import { probabilityWithin } from '../../src/gating/probability-within.ts';
import { DESCRIPTORS } from '../../src/messages/descriptor-names.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { TOLERANCE } from '../calibration/judge-elements.ts';
import type { Site } from '../data/dataset.ts';
import { classMetrics, realMetrics } from '../evaluation/metrics.ts';
import { likeliest } from '../evaluation/score.ts';
import type { Learned } from './oxygen-sites.ts';

/** What a model that saw none of its family says of a site. */
export type Reading = {
  readonly site: Site;
  readonly fold: number;
  readonly values: Readonly<Partial<Record<Learned, number>>>;
  /** Probability of being right, of a real within its tolerance; empty where the model states none. */
  readonly confidences: Readonly<Partial<Record<Learned, number>>>;
};

/** What a network says, in the form of a reading. */
export function readingOf(
  site: Site,
  fold: number,
  outputs: Prediction['outputs'],
  names: readonly Learned[],
): Reading {
  const values: Partial<Record<Learned, number>> = {};
  const confidences: Partial<Record<Learned, number>> = {};
  for (const name of names) {
    const output = outputs[name];
    if (output === undefined) continue;
    values[name] = likeliest(output);
    confidences[name] =
      output.kind === 'class'
        ? Math.max(...output.probabilities)
        : probabilityWithin(TOLERANCE[name]!, output.sigma);
  }
  return { site, fold, values, confidences };
}

/** Whether a reading is right, of a real within its tolerance; null where there is no label. */
export function isRight(name: Learned, { site, values }: Reading): boolean | null {
  const truth = site.labels[name];
  const said = values[name];
  if (truth === undefined) return null;
  if (said === undefined) return false;
  return DESCRIPTORS[name].kind === 'class' ? said === truth : Math.abs(said - truth) <= TOLERANCE[name]!;
}

/** Weighted F1 of a class, R2 of a real, over the sites with a label; null where none was answered. */
export function scoreOf(name: Learned, readings: readonly Reading[]): number | null {
  const rows = readings.flatMap(({ site, values }) => {
    const truth = site.labels[name];
    const said = values[name];
    return truth === undefined || said === undefined ? [] : [{ truth, said }];
  });
  if (rows.length === 0) return null;
  const truth = rows.map((row) => row.truth);
  const said = rows.map((row) => row.said);
  return DESCRIPTORS[name].kind === 'class'
    ? classMetrics(truth, said).weightedF1
    : realMetrics(truth, said).r2;
}
