import type { Bundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import type { GateTable, MeasuredMeans } from '../../src/gating/gate-table.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { madeFor } from '../../src/registry/bundle-json.ts';
import type { Site } from '../data/dataset.ts';
import { seededRandom } from '../data/random.ts';
import { learnedBy, type TrainingData } from '../data/training-data.ts';
import { passedLines, targetTable } from './calibration-report.ts';
import { makeDetectors } from './detectors.ts';
import { fitAveraging } from './fit-averaging.ts';
import { fitSamples } from './fit-samples.ts';
import { gateText, trainingEmbeddingBytes } from './gate-text.ts';
import { crossFittedCases, keptBackCases } from './held-out-cases.ts';
import { makeGateTable } from './make-gate-table.ts';
import { renewedTable, requireRenewable } from './renewed-table.ts';

/**
 * Makes the gate's table for a model, from spectra that it had not seen.
 * @param data what the model was trained with, as `dataOf` gives it
 * @param options.copies of each spectrum in each noise bin
 * @param options.seed of the noise
 * @param options.elements make anew what the bundle's gate says of these alone
 * @returns content of the two files, the second null where it stays as it is, and a report for people
 * @throws FatalError where unseen spectra are too few, or the elements cannot be calibrated by themselves
 */
export async function calibrate(
  bundle: Bundle,
  data: TrainingData,
  nonOxides: readonly Site[],
  options: {
    readonly copies: number;
    readonly seed: number;
    /** Names of the cross-fits; by default the model's own. */
    readonly crossFits?: readonly string[] | undefined;
    readonly elements?: readonly string[] | undefined;
    readonly madeBy: NonNullable<GateTable['madeBy']>;
    /** What measured samples taught of means; null where nobody fitted it. */
    readonly measured: MeasuredMeans | null;
  },
): Promise<{ readonly json: string; readonly embeddings: Buffer | null; readonly report: string }> {
  const { training } = bundle.manifest;
  const { copies, seed, madeBy, elements } = options;
  const by = { madeFor: madeFor('gate.json', bundle.files), madeBy };
  const former = bundle.gate?.table;
  if (elements !== undefined) {
    if (former === undefined)
      throw new FatalError(
        '--elements: Expected a model that has a gate, got one without: calibrate all elements',
      );
    requireRenewable(former, by.madeFor, elements);
  }
  const draws = {
    copies,
    random: seededRandom(seed),
    cutting: seededRandom(seed + 1),
    mixing: seededRandom(seed + 2),
    more: seededRandom(seed + 3),
  };
  const learned = learnedBy(data, training);
  const model = await loadModel(bundle, { engine: 'auto' });
  const detectors = await makeDetectors(model, learned, nonOxides, draws.random);
  const cases =
    training.crossFit === true
      ? await crossFittedCases(bundle, learned, nonOxides, draws, options.crossFits)
      : await keptBackCases(model, detectors, data, learned, draws);
  await model.close();

  const { table: ofSites, isInDistribution, apart } = makeGateTable(bundle.manifest, detectors, cases, by);
  const { offsetsEv } = bundle.manifest.network;
  const { labelled, outliers, cutOutliers, samples } = cases;
  const ofSamples =
    samples.length === 0 ? ofSites : fitSamples(ofSites, samples, offsetsEv, options.measured);
  const made = fitAveraging(ofSamples, [...labelled, ...cases.cutShort]);
  const table = elements === undefined ? made : renewedTable(former!, made, elements);
  const unseen = new Set(labelled.map(({ site }) => site.id)).size;
  const cut = cutOutliers.filter(({ site }) => apart.includes(site.element));
  return {
    json: gateText(table),
    embeddings: elements === undefined ? trainingEmbeddingBytes(detectors.trainingEmbeddings) : null,
    report: [
      `${learned.length} training spectra; ${unseen} unseen with labels, seen ${labelled.length} times`,
      targetTable(table, detectors.training).trimEnd(),
      ...passedLines('unseen non-oxides', outliers, isInDistribution.whole),
      ...passedLines('unseen non-oxides, cut short', cut, isInDistribution.short),
    ].join('\n'),
  };
}
