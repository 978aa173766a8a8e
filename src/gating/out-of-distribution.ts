import type { Prediction } from '../messages/prediction.ts';
import type { ModelInput } from '../messages/prepared.ts';
import { absorbedBeforeEdge } from './before-edge.ts';
import type { Gate, GateTable, JudgedElement } from './gate-table.ts';
import { logOdds } from './logistic-model.ts';
import { type OutlierClassifier, outlierScore } from './outlier-classifier.ts';
import type { OnGrid } from './rulers.ts';
import { distanceToTraining, type TrainingEmbeddings } from './training-embeddings.ts';
import { logit } from './trust.ts';

/** Log odds that no oxide has such a spectrum. */
export type OutlierOdds = {
  /** By the classifier on the embedding. */
  readonly classifier: number;
  /** By the network that reads means over sites; undefined where it does not read the spectrum. */
  readonly means: number | undefined;
  /** That the sample is metal in part, by what is absorbed before the edge; absent where the table has no such. */
  readonly metal?: number | undefined;
};

export function outlierOdds(
  { embedding, siteMeans }: Predicted,
  element: string,
  classifier: OutlierClassifier,
  units: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): OutlierOdds {
  return {
    classifier: outlierScore(embedding, element, classifier, units),
    means: siteMeans && logit(siteMeans.outlier),
  };
}

/** Log odds that a sample is metal in part; undefined where the table has no detector for that. */
export const metalOdds = (
  input: OnGrid,
  { metalDetector, offsetsEv }: Pick<GateTable, 'metalDetector' | 'offsetsEv'>,
): number | undefined =>
  metalDetector && logOdds(absorbedBeforeEdge(input, offsetsEv ?? [], metalDetector.mean), metalDetector);

type Predicted = Pick<Prediction, 'embedding' | 'siteMeans'>;

/** What held-out spectra of an element say of the limit, by noise bin. */
export type OutOfDistributionLimits = Pick<
  JudgedElement,
  'outOfDistributionLimit' | 'outlierRanges' | 'meansOutlierRanges' | 'metalRanges'
>;

/**
 * How far a spectrum is out of distribution, 1 at the limit. Its figures are put together as the sides of a right
 * angle: its distance to the nearest training spectrum of its element, and by how much its log odds exceed the middle
 * of those of held-out spectra, by each classifier that the table goes by for the element: of oxides against what is
 * none, and of oxides against what is metal in part.
 */
export function outOfDistributionScore(
  distance: number,
  odds: OutlierOdds,
  { outOfDistributionLimit, outlierRanges, meansOutlierRanges, metalRanges }: OutOfDistributionLimits,
  bin: number,
): number {
  return Math.hypot(
    distance / outOfDistributionLimit[bin]!,
    excess(odds.classifier, outlierRanges[bin]),
    excess(odds.means ?? Number.POSITIVE_INFINITY, meansOutlierRanges?.[bin]),
    excess(odds.metal ?? Number.NEGATIVE_INFINITY, metalRanges?.[bin]),
  );
}

function excess(odds: number, range: JudgedElement['outlierRanges'][number] | undefined): number {
  if (range === undefined) return 0;
  const { middle, limit } = range;
  return Math.max(0, odds - middle) / Math.max(limit - middle, 1e-6);
}

/**
 * The out-of-distribution score of a spectrum, and the limit beyond which nothing of it is accepted, on the scale of
 * the distance.
 * @param judged what the table says of such scans of the element; where it says nothing, novelty is infinite
 */
export function outOfDistributionOf(
  prediction: Predicted,
  input: ModelInput,
  judged: JudgedElement | undefined,
  bin: number,
  { table, trainingEmbeddings }: Gate,
): { readonly outOfDistributionScore: number; readonly outOfDistributionLimit: number } {
  if (judged === undefined)
    return { outOfDistributionScore: Number.POSITIVE_INFINITY, outOfDistributionLimit: 0 };
  const outOfDistributionLimit = judged.outOfDistributionLimit[bin]!;
  const { element } = input;
  const distance = distanceToTraining(prediction.embedding, element, trainingEmbeddings);
  const odds = outlierOdds(prediction, element, table.outlierClassifier, trainingEmbeddings);
  const metal = judged.metalRanges && metalOdds(input, table);
  const score = outOfDistributionScore(distance, { ...odds, metal }, judged, bin);
  return { outOfDistributionScore: outOfDistributionLimit * score, outOfDistributionLimit };
}
