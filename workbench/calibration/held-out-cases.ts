import type { Bundle } from '../../src/bundle/bundle.ts';
import { outlierOdds } from '../../src/gating/out-of-distribution.ts';
import { distanceToTraining } from '../../src/gating/training-embeddings.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import type { Random } from '../data/random.ts';
import type { TrainingData } from '../data/training-data.ts';
import { crossFitBundles, loadedInTurn } from '../training/cross-fit.ts';
import { conditionCases } from './condition-cases.ts';
import { cutAnywhere, isWide } from './cut-short.ts';
import { CLEAN, type Detectors, makeDetectors } from './detectors.ts';
import { type HeldOutCase, NOISE_EDGES } from './judge-elements.ts';
import { type NoiseLevel, observe } from './observe.ts';
import type { HeldOutSample } from './placed-samples.ts';
import { requireAlike } from './require-alike.ts';

/**
 * Its test part is large enough to report on, so that it stays out; the others' test parts are too few to do without.
 */
const REPORTED_ON = 'cu-feff9';

/** Sequences of their own, so that what is found of whole scans does not depend on those that are cut or mixed. */
export type Draws = {
  readonly copies: number;
  readonly random: Random;
  readonly cutting: Random;
  readonly mixing: Random;
  readonly more: Random;
};

/** Spectra as a model met them that had not seen them. */
export type HeldOutCases = {
  readonly labelled: readonly HeldOutCase[];
  /** The same spectra of wide elements, ending anywhere before SHORT_EV. */
  readonly cutShort: readonly HeldOutCase[];
  readonly unlabelled: readonly HeldOutCase[];
  /** Non-oxides that the classifier was not fitted on. */
  readonly outliers: readonly HeldOutCase[];
  readonly cutOutliers: readonly HeldOutCase[];
  /** Samples of unseen sites under every condition, mixtures among them. */
  readonly samples: readonly HeldOutSample[];
};

/** So many of an element under one condition in one fold; of one with more sites each once more. */
const SAMPLES = 250;

/**
 * Each spectrum as the models met it that were trained without its fold: all spectra are held-out cases, and the model
 * that is shipped has seen all of them. That it says of new spectra what those say of their fold is the assumption; it
 * has seen a quarter more than they.
 * @throws FatalError where a model of the cross-fit is missing, or is of another kind than the shipped one
 */
export async function crossFittedCases(
  shipped: Bundle,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  draws: Draws,
  crossFits?: readonly string[],
): Promise<HeldOutCases> {
  const found: HeldOutCases[] = [];
  for await (const { cases } of crossFittedFolds(shipped, learned, nonOxides, draws, crossFits))
    found.push(cases);
  return together(found);
}

/** One fold of a cross-fit: what its model takes for in distribution, and the cases that it had not seen. */
export type FoldCases = {
  readonly fold: number;
  readonly detectors: Detectors;
  readonly cases: HeldOutCases;
};

/**
 * The same fold by fold.
 * @param crossFits names of several, whose cases are taken together: what one network of a kind accepts of a sample is
 * partly chance
 * @param metals half of which a sample may be: too few for each element to be left out in turn, so that a gate is asked
 * of them and never fitted on them
 */
export async function* crossFittedFolds(
  shipped: Bundle,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  draws: Draws,
  crossFits?: readonly string[],
  metals: readonly Site[] = [],
): AsyncGenerator<FoldCases> {
  const bundles = crossFitBundles(shipped.manifest, crossFits);
  for (const { bundle } of bundles) requireAlike(bundle, shipped);
  for await (const { fold, held, others, model } of loadedInTurn(bundles)) {
    console.error(`${model.manifest.id}, fold ${fold + 1} of ${FOLDS.length}`);
    const detectors = await makeDetectors(model, others(learned), others(nonOxides), draws.random);
    const unseen = { sites: held(learned), nonOxides: held(nonOxides), metals };
    yield { fold, detectors, cases: await heldOutCases(model, detectors, unseen, draws) };
  }
}

export function together(found: readonly HeldOutCases[]): HeldOutCases {
  const all = (kind: Exclude<keyof HeldOutCases, 'samples'>) => found.flatMap((each) => each[kind]);
  return {
    labelled: all('labelled'),
    cutShort: all('cutShort'),
    unlabelled: all('unlabelled'),
    outliers: all('outliers'),
    cutOutliers: all('cutOutliers'),
    samples: found.flatMap(({ samples }) => samples),
  };
}

/** Spectra that were kept back; of all sets but one the test part too, since they are too few to report on. */
export function keptBackCases(
  model: Model,
  detectors: Detectors,
  data: TrainingData,
  learned: readonly Site[],
  draws: Draws,
): Promise<HeldOutCases> {
  const known = new Set(learned);
  const few = [...data.sets].filter(([name]) => name !== REPORTED_ON).flatMap(([, set]) => set.test);
  const sites = [...data.val, ...few].filter((site) => !known.has(site));
  return heldOutCases(model, detectors, { sites, nonOxides: [], metals: [] }, draws);
}

async function heldOutCases(
  model: Model,
  { trainingEmbeddings, outlierClassifier }: Detectors,
  unseen: {
    readonly sites: readonly Site[];
    readonly nonOxides: readonly Site[];
    readonly metals: readonly Site[];
  },
  { copies, random, cutting, mixing, more }: Draws,
): Promise<HeldOutCases> {
  const measuredBy = <C extends Pick<HeldOutCase, 'site' | 'prediction'>>(each: C) => {
    const { embedding } = each.prediction;
    const { element } = each.site;
    const distance = distanceToTraining(embedding, element, trainingEmbeddings);
    const odds = outlierOdds(each.prediction, element, outlierClassifier, trainingEmbeddings);
    return { ...each, distance, odds };
  };
  const observed = async (sites: readonly Site[], draws: number, from: Random = random) => {
    const cases = await observe(model, sites, [CLEAN, ...noiseLevels(draws)], NOISE_EDGES, from);
    return cases.map((each): HeldOutCase => measuredBy(each));
  };
  const labelled = unseen.sites.filter(({ decoded }) => !decoded);
  const cut = (sites: readonly Site[]) =>
    sites
      .filter(({ element }) => isWide(model.manifest, element))
      .map((site) => cutAnywhere(site, model.manifest, cutting));
  return {
    labelled: await observed(labelled, copies),
    cutShort: await observed(cut(labelled), copies, cutting),
    // What is in distribution needs no label.
    unlabelled: await observed(
      unseen.sites.filter(({ decoded }) => decoded),
      1,
    ),
    outliers: await observed(unseen.nonOxides, 1),
    cutOutliers: await observed(cut(unseen.nonOxides), 1, cutting),
    samples: model.readsMeans
      ? (await conditionCases(model, labelled, unseen.metals, SAMPLES, mixing, more)).map(measuredBy)
      : [],
  };
}

/** So many draws from each noise bin, and from somewhat beyond the last. */
function noiseLevels(draws: number): NoiseLevel[] {
  return [...NOISE_EDGES, 1.3 * NOISE_EDGES.at(-1)!].flatMap((end, i) => {
    const start = NOISE_EDGES[i - 1] ?? 0;
    const level: NoiseLevel = (random) => start + (end - start) * random.uniform();
    return Array.from({ length: draws }, () => level);
  });
}
