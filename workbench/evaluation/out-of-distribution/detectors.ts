import { type Gate, judgedAs } from '../../../src/gating/gate-table.ts';
import { metalOdds, outlierOdds, outOfDistributionScore } from '../../../src/gating/out-of-distribution.ts';
import { distanceToTraining } from '../../../src/gating/training-embeddings.ts';
import type { Prediction } from '../../../src/messages/prediction.ts';
import type { Kind } from '../../measured/manifest.ts';

/** A spectrum that detectors are asked about. */
export type DetectorCase = {
  readonly element: string;
  readonly mu: Float32Array; // [bins]
  readonly mask: Float32Array; // [bins]
  readonly bin: number;
  readonly prediction: Prediction;
  /** Spectra of one group count together as one. */
  readonly group: string;
  readonly kind: Kind | 'theory' | 'no oxygen beside' | 'distorted';
  /** Of the noise that was added. */
  readonly sigma: number;
};

/** Larger is further out; 1 is the limit where the detector has one in the table. */
export type Detector = (each: DetectorCase) => number;

/** It has no limit in the table. */
export const WITHOUT_LIMIT = 'softmax confidence';

/**
 * By name: what ships (all figures put together), the odds and the distance alone, and what a network would do without
 * them.
 */
export function detectorsOf({ table, trainingEmbeddings }: Gate): ReadonlyMap<string, Detector> {
  const of = (each: DetectorCase) => judgedAs(table, each)!;
  const limit = (each: DetectorCase) => of(each).outOfDistributionLimit[each.bin]!;
  const distance: Detector = ({ element, prediction }) =>
    distanceToTraining(prediction.embedding, element, trainingEmbeddings);
  const judged = (each: DetectorCase, from: number) => {
    const odds = outlierOdds(each.prediction, each.element, table.outlierClassifier, trainingEmbeddings);
    const metal = metalOdds(each, table);
    return outOfDistributionScore(from, { ...odds, metal }, of(each), each.bin);
  };
  return new Map<string, Detector>([
    ['all', (each) => judged(each, distance(each))],
    ['classifiers', (each) => judged(each, 0)],
    ['nearest training spectrum', (each) => distance(each) / limit(each)],
    [
      WITHOUT_LIMIT,
      ({ prediction }) => {
        const best = (['OS', 'CN'] as const).map((name) => {
          const output = prediction.outputs[name];
          return output?.kind === 'class' ? Math.max(...output.probabilities) : 0;
        });
        return 1 - best[0]! * best[1]!;
      },
    ],
  ]);
}
