import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { madeFor } from '../../src/bundle-json.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/errors.ts';
import { type GateTable, gateProblem } from '../../src/gating/gate-table.ts';
import { type OutlierClassifier, outlierScore } from '../../src/gating/outlier-classifier.ts';
import {
  distanceToTraining,
  standardised,
  type TrainingEmbeddings,
} from '../../src/gating/training-embeddings.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { sha256 } from '../../src/sha256.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { bundleLines, writeBundle } from '../bundle/write-bundle.ts';
import { cutAnywhere, isWide, shortBin } from '../calibration/cut-short.ts';
import { fitOutlierClassifier, withoutOxygen } from '../calibration/fit-out-of-distribution.ts';
import {
  ACCURACY_TARGET,
  elementsWithOwn,
  type HeldOutCase,
  judgeElements,
  LEVEL,
  NOISE_EDGES,
} from '../calibration/judge-elements.ts';
import { NON_OXIDES, readNonOxides } from '../calibration/non-oxides.ts';
import { type Case, type NoiseLevel, observe } from '../calibration/observe.ts';
import type { Site } from '../data/dataset.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { type Random, seededRandom } from '../data/random.ts';
import { dataOf, learnedBy, readTrainingData, type TrainingData } from '../data/training-data.ts';
import { wholeNumber } from '../number-flags.ts';
import { crossFitFolder, foldOfSite } from '../training/cross-fit.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Makes the gate's table for a model from spectra it was not trained on, with noise added before preparation.

  npm run workbench -- calibrate [options]

  --data FOLDER   what the model was trained with (default as for train); several times for several folders
  --non-oxides F  computed spectra that the gate is to refuse (default: ${NON_OXIDES})
  --weights DIR   the model; gate.json and training-embeddings.bin are written there (default: models/spt)
  --draws N       noisy copies of each spectrum in each noise bin (default: 1)
  --seed N        of the noise (default: 20261123)
  --help`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      'non-oxides': { type: 'string', default: NON_OXIDES },
      weights: { type: 'string', default: 'models/spt' },
      draws: { type: 'string', default: '1' },
      seed: { type: 'string', default: '20261123' },
      help: { type: 'boolean', default: false },
    },
  }).values;

/**
 * Of held-out oxides so many are in distribution: the largest whole percentage at which at most a quarter of the copies
 * of unseen non-oxides
 * are (docs/gating.md); of scans cut short, at which no more of copper's are than of its whole scans.
 */
const IN_DISTRIBUTION = { whole: 0.93, short: 0.86 };
/** So many embeddings of an element are kept to measure distances from. */
const EMBEDDING_ROWS = 1200;
/**
 * Its test part is large enough to report on, so that it stays out; the others' test parts are too few to do without.
 */
const REPORTED_ON = 'cu-feff9';
const CLEAN: NoiseLevel = () => 0;

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else await calibrate();
}

async function calibrate(): Promise<void> {
  const bundle = openBundle(flags.weights, { gate: 'optional' });
  const model = await loadModel(bundle, { engine: 'auto' });
  const { references, training: past } = model.manifest;
  const data = dataOf(readTrainingData(dataFolders(flags)), past);
  const seed = wholeNumber('seed', flags.seed);
  const random = seededRandom(seed);
  const copies = wholeNumber('draws', flags.draws);
  const draws: Draws = { copies, random, cutting: seededRandom(seed + 1) };
  const learned = learnedBy(data, past);
  const nonOxides = readNonOxides(references, flags['non-oxides']);
  const own = await detectorsOf(model, learned, nonOxides, random);
  const { labelled, unlabelled, cutShort, outliers, cutOutliers } =
    past.crossFit === true
      ? await crossFitted(model, learned, nonOxides, draws)
      : await heldBack(model, own, data, new Set(learned), draws);
  await model.close();
  const labels = new Set(labelled.map(({ site }) => site.id)).size;
  console.log(
    `${learned.length} training spectra; ${labels} unseen with labels, seen ${labelled.length} times`,
  );

  const { trainingEmbeddings, outlierClassifier, training } = own;
  const { mean, scale } = trainingEmbeddings;
  const elements = references.map(({ element }) => element);
  const oxidesOf = (cases: readonly HeldOutCase[]) => cases.filter(({ site }) => !withoutOxygen(site));
  const oxides = oxidesOf([...labelled, ...unlabelled]);
  const whole = judgeElements({ elements, oxides, labelled, training, quantile: IN_DISTRIBUTION.whole });
  // Only of wide elements have spectra been cut.
  const apart = elementsWithOwn(cutShort);
  const short = judgeElements({
    elements: apart,
    oxides: oxidesOf(cutShort),
    labelled: cutShort,
    training,
    quantile: IN_DISTRIBUTION.short,
  });
  const passedOf = (element: string, cases: readonly HeldOutCase[]) => {
    const own = cases.filter(({ site, clean }) => clean && site.element === element);
    return { spectra: own.length, passed: own.filter(whole.isInDistribution).length };
  };
  const shortOf = (element: string) => {
    const judged = short.elements.get(element);
    if (judged === undefined) return {};
    const beforeBin = shortBin(model.manifest)!; // its element is wide
    return { short: { ...judged, calibration: shortName(judged.calibration), beforeBin } };
  };
  const table: GateTable = {
    madeFor: madeFor('gate.json', bundle.files),
    madeBy: {
      command: `npm run calibrate -- --draws ${copies} --seed ${seed}`,
      nonOxides: sha256(readFileSync(flags['non-oxides'])),
    },
    accuracyTarget: ACCURACY_TARGET,
    level: LEVEL,
    noiseEdges: NOISE_EDGES,
    embedding: { mean: [...mean], scale: [...scale] },
    outlierClassifier: { weights: [...outlierClassifier.weights], bias: { ...outlierClassifier.bias } },
    calibrations: {
      ...whole.calibrations,
      ...Object.fromEntries(
        Object.entries(short.calibrations).map(([group, each]) => [shortName(group), each]),
      ),
    },
    elements: Object.fromEntries(
      elements.map((element) => [
        element,
        {
          ...whole.elements.get(element)!,
          trainingEmbeddingRows: trainingEmbeddings.rows.get(element)!.length / mean.length,
          inDistribution: { oxides: passedOf(element, oxides), nonOxides: passedOf(element, outliers) },
          ...shortOf(element),
        },
      ]),
    ),
  };
  const json = tableJson(table);
  const problem = gateProblem(JSON.parse(json));
  if (problem !== null)
    throw new FatalError(
      `Expected unseen oxides in every noise bin to make the table from: give more spectra in val or test files, or train ` +
        `with --cross-fit. The table of ${flags.weights} stays as it was. ${problem}`,
    );
  writeFileSync(join(flags.weights, 'training-embeddings.bin'), trainingEmbeddingBytes(trainingEmbeddings));
  writeFileSync(join(flags.weights, 'gate.json'), json);
  const { leftOut, ...written } = writeBundle(flags.weights);
  console.log(bundleLines(written, leftOut));
  report(table, training);
  reportPassed('unseen non-oxides', outliers, whole.isInDistribution);
  const cut = cutOutliers.filter(({ site }) => apart.includes(site.element));
  reportPassed('unseen non-oxides, cut short', cut, short.isInDistribution);
}

function shortName(group: string): string {
  return `${group}, cut short`;
}

/**
 * What a model takes for in distribution, from its own training spectra: the gate measures a scan's distance from it.
 */
type Detectors = {
  readonly trainingEmbeddings: TrainingEmbeddings;
  readonly outlierClassifier: OutlierClassifier;
  readonly training: readonly Case[];
};

async function detectorsOf(
  model: Model,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  random: Random,
): Promise<Detectors> {
  const { grid, references, embedding } = model.manifest;
  const prepare = makePrepare({ grid, references });
  const training = await observe(model, prepare, learned, [CLEAN], NOISE_EDGES, random);
  const { mean, scale } = embedding;
  const elements = references.map(({ element }) => element);
  const trainingEmbeddings: TrainingEmbeddings = {
    mean,
    scale,
    rows: trainingEmbeddingsOf(elements, training, { mean, scale }),
  };
  const outlierClassifier = await fitOutlierClassifier({
    ...{ model, grid, references, random },
    training: learned,
    nonOxides,
    units: trainingEmbeddings,
  });
  return { trainingEmbeddings, outlierClassifier, training };
}

/** Two sequences, so that what is found of whole scans does not depend on those that are cut. */
type Draws = { readonly copies: number; readonly random: Random; readonly cutting: Random };

type HeldOutCases = {
  readonly labelled: readonly HeldOutCase[];
  /** The same spectra of wide elements, ending anywhere before SHORT_EV. */
  readonly cutShort: readonly HeldOutCase[];
  readonly unlabelled: readonly HeldOutCase[];
  /** Non-oxides that the classifier was not fitted on. */
  readonly outliers: readonly HeldOutCase[];
  readonly cutOutliers: readonly HeldOutCase[];
};

async function heldOutCases(
  model: Model,
  { trainingEmbeddings, outlierClassifier }: Detectors,
  unseen: { readonly sites: readonly Site[]; readonly nonOxides: readonly Site[] },
  { copies, random, cutting }: Draws,
): Promise<HeldOutCases> {
  const prepare = makePrepare(model.manifest);
  const levels = (draws: number) =>
    [...NOISE_EDGES, 1.3 * NOISE_EDGES.at(-1)!].flatMap((end, i) => {
      const start = NOISE_EDGES[i - 1] ?? 0;
      const level: NoiseLevel = (r) => start + (end - start) * r.uniform();
      return Array.from({ length: draws }, () => level);
    });
  const observed = async (sites: readonly Site[], draws: number, from: Random = random) => {
    const cases = await observe(model, prepare, sites, [CLEAN, ...levels(draws)], NOISE_EDGES, from);
    return cases.map((each): HeldOutCase => {
      const { prediction, site } = each;
      const distance = distanceToTraining(prediction.embedding, site.element, trainingEmbeddings);
      return {
        ...each,
        distance,
        odds: outlierScore(prediction.embedding, site.element, outlierClassifier, trainingEmbeddings),
      };
    });
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
  };
}

/**
 * Each spectrum as the model met it that was trained without its fold: all spectra are held-out cases, and the model
 * that is
 * shipped has seen all of them. That it says of new spectra what those say of their fold is the assumption; it has seen
 * a
 * quarter more than they.
 */
async function crossFitted(
  shipped: Model,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  draws: Draws,
): Promise<HeldOutCases> {
  const found: HeldOutCases[] = [];
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const directory = crossFitFolder(shipped.manifest.id, fold);
    const model = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
    requireAlike(directory, model, shipped);
    console.error(`fold ${fold + 1} of ${CROSS_VALIDATION.folds}`);
    const inFold = (site: Site) => foldOfSite(site) === fold;
    const others = (sites: readonly Site[]) => sites.filter((site) => !inFold(site));
    const detectors = await detectorsOf(model, others(learned), others(nonOxides), draws.random);
    const unseen = { sites: learned.filter(inFold), nonOxides: nonOxides.filter(inFold) };
    found.push(await heldOutCases(model, detectors, unseen, draws));
    await model.close();
  }
  const all = (kind: keyof HeldOutCases) => found.flatMap((each) => each[kind]);
  return {
    labelled: all('labelled'),
    cutShort: all('cutShort'),
    unlabelled: all('unlabelled'),
    outliers: all('outliers'),
    cutOutliers: all('cutOutliers'),
  };
}

/**
 * @throws FatalError where a model of the cross-fit has not the network, or not the kind of neighbour index, of the
 * shipped one
 */
function requireAlike(directory: string, fold: Model, shipped: Model): void {
  const kindOf = ({ neighbourIndex }: Model) =>
    neighbourIndex && {
      neighbours: neighbourIndex.neighbours,
      share: neighbourIndex.share,
      elements: [...neighbourIndex.elements.keys()],
    };
  if (JSON.stringify(fold.manifest.network) !== JSON.stringify(shipped.manifest.network))
    throw new FatalError(
      `Expected ${directory} to be of the network of ${shipped.manifest.id}: train with --cross-fit`,
    );
  if (JSON.stringify(kindOf(fold)) !== JSON.stringify(kindOf(shipped)))
    throw new FatalError(
      `Expected ${directory} to have a neighbour index of the kind that ${flags.weights} has: run npm run workbench -- build-neighbour-index`,
    );
}

/** Spectra that were kept back; of all sets but one the test part too, since they are too few to report on. */
function heldBack(
  model: Model,
  detectors: Detectors,
  data: TrainingData,
  learned: ReadonlySet<Site>,
  draws: Draws,
): Promise<HeldOutCases> {
  const few = [...data.sets].filter(([name]) => name !== REPORTED_ON).flatMap(([, set]) => set.test);
  const sites = [...data.val, ...few].filter((site) => !learned.has(site));
  return heldOutCases(model, detectors, { sites, nonOxides: [] }, draws);
}

/** Standardised embeddings of oxides' training spectra whose labels were established, not decoded. */
function trainingEmbeddingsOf(
  elements: readonly string[],
  training: readonly Case[],
  units: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): Map<string, Float32Array> {
  return new Map(
    elements.map((element) => {
      const own = training.filter(
        ({ site }) => site.element === element && !site.decoded && !withoutOxygen(site),
      );
      const rows = Math.min(own.length, EMBEDDING_ROWS);
      const kept = Array.from({ length: rows }, (_, i) => own[Math.floor((i * own.length) / rows)]!);
      const values = kept.flatMap(({ prediction }) => [...standardised(prediction.embedding, units)]);
      return [element, Float32Array.from(values)];
    }),
  );
}

function trainingEmbeddingBytes({ rows }: TrainingEmbeddings): Buffer {
  return Buffer.concat(
    [...rows.values()].map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength)),
  );
}

/** Arrays of numbers on one line each. */
function tableJson(table: GateTable): string {
  const json = JSON.stringify(table, null, 1);
  return `${json.replace(/\[\s+((?:-?[\d.e+-]+|null)[^[\]{}"]*?)\s+\]/g, (_, body: string) => `[${body.replace(/\s+/g, ' ')}]`)}\n`;
}

function report(table: GateTable, training: readonly Case[]): void {
  const row = (cells: readonly unknown[]): void => console.log(`| ${cells.join(' | ')} |`);
  row([
    'element',
    'training',
    'descriptor',
    'held out',
    'accepted',
    'right',
    'target',
    ...NOISE_EDGES.map((end) => `< ${end}`),
  ]);
  row(Array.from({ length: 7 + NOISE_EDGES.length }, () => '---'));
  const judged = Object.entries(table.elements).flatMap(([element, { short, ...whole }]) => [
    { element, title: element, descriptors: whole.descriptors },
    ...(short === undefined ? [] : [{ element, title: shortName(element), descriptors: short.descriptors }]),
  ]);
  for (const { element, title, descriptors } of judged) {
    const known = training.filter(({ site }) => site.element === element).length;
    for (const [name, { thresholds, evidence, meetsTarget }] of Object.entries(descriptors)) {
      const cells = thresholds.map((threshold) => (threshold === null ? '-' : threshold.toFixed(2)));
      row([
        title,
        known,
        name,
        evidence.sites,
        evidence.accepted,
        evidence.right,
        meetsTarget ? 'yes' : 'no',
        ...cells,
      ]);
    }
  }
}

/** Which non-oxides pass that the classifier was not fitted on, at which share of their noisy copies. */
function reportPassed(
  title: string,
  outliers: readonly HeldOutCase[],
  isInDistribution: (each: HeldOutCase) => boolean,
): void {
  const passing = outliers.filter(isInDistribution);
  console.log(`${title}: ${passing.length} of ${outliers.length} copies pass`);
  for (const [id, copies] of copiesOf(outliers)) {
    const passed = copies.filter(isInDistribution).length;
    if (passed > 0) console.log(`  ${id} (${copies[0]!.site.kind}): ${passed} of ${copies.length}`);
  }
}

function copiesOf(cases: readonly HeldOutCase[]): Map<string, HeldOutCase[]> {
  const copies = new Map<string, HeldOutCase[]>();
  for (const each of cases) copies.set(each.site.id, [...(copies.get(each.site.id) ?? []), each]);
  return copies;
}
