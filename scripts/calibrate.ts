import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../src/errors.ts';
import type { Trial } from '../src/gating/choose-threshold.ts';
import { conformalQuantile } from '../src/gating/conformal-quantile.ts';
import { type ElementPromise, fitPromises } from '../src/gating/fit-promise.ts';
import { fitTemperature } from '../src/gating/fit-temperature.ts';
import { type Calibration, GATE_FILES, type GateTable } from '../src/gating/gate-table.ts';
import { normalQuantile } from '../src/gating/normal-quantile.ts';
import { type OddnessModel, oddness, strangeness } from '../src/gating/oddness.ts';
import { probabilityWithin } from '../src/gating/probability-within.ts';
import { scaleProbabilities } from '../src/gating/scale-probabilities.ts';
import { distanceToSupport, type Support, standardised } from '../src/gating/support.ts';
import {
  DESCRIPTOR_NAMES,
  DESCRIPTORS,
  type DescriptorName,
  descriptorsOf,
} from '../src/messages/descriptor-names.ts';
import type { DescriptorOutput } from '../src/messages/prediction.ts';
import type { Site } from '../src/model/dataset.ts';
import { CROSS_VALIDATION } from '../src/model/folds.ts';
import { loadModel, type Model } from '../src/model/load-model.ts';
import { type Random, seededRandom } from '../src/model/random.ts';
import { dataOf, learnedBy, readTrainingData, type TrainingData } from '../src/model/training-data.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import { fitOddness, type HeldOut, noveltyLimits, withoutOxygen } from './gate/fit-novelty.ts';
import { NON_OXIDES, readNonOxides } from './gate/non-oxides.ts';
import { type Case, type NoiseLevel, observe } from './gate/observe.ts';
import { parseFlags } from './parse-flags.ts';
import { crossFitFolder, foldOfSite } from './training/cross-fit.ts';
import { dataFolders } from './training/flags.ts';

const HELP = `Makes the gate's table for a model from spectra it was not trained on, with noise added before preparation.

  npm run calibrate -- [options]

  --data FOLDER   what the model was trained with (default as for train); several times for several folders
  --non-oxides F  computed spectra that the gate is to refuse (default: ${NON_OXIDES})
  --weights DIR   the model; ${GATE_FILES.table} and ${GATE_FILES.support} are written there (default: weights/spt)
  --draws N       noisy copies of each spectrum in each noise bin (default: 3)
  --help`;

const { values: flags } = parseFlags({
  options: {
    data: { type: 'string', multiple: true },
    'non-oxides': { type: 'string', default: NON_OXIDES },
    weights: { type: 'string', default: 'weights/spt' },
    draws: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});

const PROMISE = { accuracy: 0.95, confidence: 0.9 };
const LEVEL = 0.9;
/** For `npm run -s evaluate -- --level`; the gate publishes intervals at LEVEL. */
const OTHER_LEVELS = [0.5, 0.8, 0.95];
/** Bins around sigma 0, 0.01, 0.02, 0.05, 0.1 and two between. */
const NOISE_EDGES = [0.005, 0.015, 0.03, 0.045, 0.065, 0.09, 0.13];
/** What a real is worth: half of the usual spread of the labels, and the error of their own making. */
const TOLERANCE: Partial<Record<DescriptorName, number>> = { NNRS: 0.05, MOOD: 0.15, NNOSM: 0.25 };
/**
 * Of held-out spectra so many are familiar: the largest whole percentage at which at most a quarter of the copies of unseen non-oxides
 * are (docs/gating.md).
 */
const FAMILIAR_QUANTILE = 0.93;
/** So many embeddings of an element are kept to measure distances from. */
const SUPPORT_ROWS = 1200;
/** Its test part is large enough to report on, so that it stays out; the others' test parts are too few to do without. */
const REPORTED_ON = 'cu-feff9';
/**
 * Promises that held-out spectra made and the public test split did not keep: 91 to 94% of the accepted values of MOOD
 * were right there. Withdrawn, since an agent would act on them; the interval is still published.
 */
const WITHDRAWN: readonly DescriptorName[] = ['MOOD'];
/** An element with so many held-out materials is calibrated by itself, the others of its kind together. */
const OWN_MATERIALS = 100;
/** Of a group in a noise bin, fewer say nothing of a temperature; an interval that they are too few for has no end. */
const MIN_ANSWERS = 5;
const RULES = { ...PROMISE, leastConfidence: 0.7, minEvidence: 10, refutedBelow: 0.1 };

const CLEAN: NoiseLevel = () => 0;

if (flags.help) console.log(HELP);
else await calibrate();

async function calibrate(): Promise<void> {
  const model = await loadModel({ directory: flags.weights, engine: 'auto' });
  const { references, training: past } = model.manifest;
  const data = dataOf(readTrainingData(dataFolders(flags)), past);
  const random = seededRandom(20261123);
  const learned = learnedBy(data, past);
  const nonOxides = readNonOxides(references, flags['non-oxides']);
  const own = await familiarityOf(model, learned, nonOxides, random);
  const { labelled, unlabelled, strangers } =
    past.crossFit === true
      ? await crossFitted(model, learned, nonOxides, random)
      : await heldBack(model, own, data, new Set(learned), random);
  await model.close();
  const labels = new Set(labelled.map(({ site }) => site.id)).size;
  console.log(
    `${learned.length} training spectra; ${labels} unseen with labels, seen ${labelled.length} times`,
  );

  const { support, oddnessModel, training } = own;
  const { mean, scale } = support;
  const oxides = [...labelled, ...unlabelled].filter(({ site }) => !withoutOxygen(site));
  const known = oxides.map(heldOutOf);
  const limits = new Map(
    references.map(({ element }) => {
      const options = {
        bins: NOISE_EDGES.length,
        quantile: FAMILIAR_QUANTILE,
        ownMaterials: OWN_MATERIALS,
      };
      return [element, noveltyLimits(element, known, options)] as const;
    }),
  );
  const isFamiliar = (each: Witness): boolean => {
    const { noveltyLimit, oddness: ranges } = limits.get(each.site.element)!;
    return strangeness(each.distance, noveltyLimit[each.bin]!, each.odds, ranges[each.bin]!) <= 1;
  };
  const passedOf = (element: string, cases: readonly Witness[]) => {
    const own = cases.filter(({ site, clean }) => clean && site.element === element);
    return { spectra: own.length, passed: own.filter(isFamiliar).length };
  };
  // The gate flags what is unfamiliar, so that it is not what thresholds are made from.
  const familiar = labelled.filter(isFamiliar);
  const groupOf = groupsOf(familiar);
  const groups = [...new Set(references.map(({ element }) => groupOf(element)))].map((group) => {
    const members = references.map(({ element }) => element).filter((element) => groupOf(element) === group);
    const cases = familiar.filter(({ site }) => members.includes(site.element));
    // A descriptor without enough held-out labels stays out of the table: the gate then flags it.
    const descriptors = DESCRIPTOR_NAMES.flatMap((name) => {
      const calibration = calibrateDescriptor(name, cases, training);
      return calibration === null ? [] : [[name, calibration] as const];
    });
    const promises = new Map(
      descriptors.map(([name, each]) => [name, promisesOf(name, each, members, cases)] as const),
    );
    return { group, members, calibration: Object.fromEntries(descriptors), promises };
  });
  const elements = Object.fromEntries(
    references.map(({ element }) => {
      const { group, promises } = groups.find(({ members }) => members.includes(element))!;
      return [
        element,
        {
          calibration: group,
          supportRows: support.rows.get(element)!.length / mean.length,
          ...limits.get(element)!,
          familiar: {
            oxides: passedOf(element, oxides),
            nonOxides: passedOf(element, strangers),
          },
          descriptors: Object.fromEntries(
            descriptorsOf(element).flatMap((name) => {
              const promise = promises.get(name)?.get(element);
              return promise === undefined ? [] : [[name, promise] as const];
            }),
          ),
        },
      ];
    }),
  );
  const table: GateTable = {
    modelHash: model.identity.hash,
    promise: PROMISE,
    level: LEVEL,
    noiseEdges: NOISE_EDGES,
    embedding: { mean: [...mean], scale: [...scale] },
    oddness: { weights: [...oddnessModel.weights], bias: { ...oddnessModel.bias } },
    calibrations: Object.fromEntries(groups.map(({ group, calibration }) => [group, calibration])),
    elements,
  };
  writeFileSync(join(flags.weights, GATE_FILES.support), supportBytes(support));
  writeFileSync(join(flags.weights, GATE_FILES.table), tableJson(table));
  report(table, training);
  reportPassed(strangers, isFamiliar);
}

/** What a model is familiar with, from its own training spectra: the gate measures a scan's distance from it. */
type Familiarity = {
  readonly support: Support;
  readonly oddnessModel: OddnessModel;
  readonly training: readonly Case[];
};

async function familiarityOf(
  model: Model,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  random: Random,
): Promise<Familiarity> {
  const { grid, references, embedding } = model.manifest;
  const prepare = makePrepare({ grid, references });
  const training = await observe(model, prepare, learned, [CLEAN], NOISE_EDGES, random);
  const { mean, scale } = embedding;
  const elements = references.map(({ element }) => element);
  const support: Support = { mean, scale, rows: supportOf(elements, training, { mean, scale }) };
  const oddnessModel = await fitOddness({
    ...{ model, grid, references, random },
    training: learned,
    nonOxides,
    units: support,
  });
  return { support, oddnessModel, training };
}

/** A spectrum that the model had not seen, as it met it. */
type Witness = Case & { readonly distance: number; readonly odds: number };

type Witnesses = {
  readonly labelled: readonly Witness[];
  readonly unlabelled: readonly Witness[];
  /** Non-oxides that the classifier was not fitted on. */
  readonly strangers: readonly Witness[];
};

async function witness(
  model: Model,
  { support, oddnessModel }: Familiarity,
  unseen: { readonly sites: readonly Site[]; readonly nonOxides: readonly Site[] },
  random: Random,
): Promise<Witnesses> {
  const { grid, references } = model.manifest;
  const prepare = makePrepare({ grid, references });
  const levels = (draws: number) =>
    [...NOISE_EDGES, 1.3 * NOISE_EDGES.at(-1)!].flatMap((end, i) => {
      const start = NOISE_EDGES[i - 1] ?? 0;
      const level: NoiseLevel = (r) => start + (end - start) * r.uniform();
      return Array.from({ length: draws }, () => level);
    });
  const observed = async (sites: readonly Site[], draws: number) => {
    const cases = await observe(model, prepare, sites, [CLEAN, ...levels(draws)], NOISE_EDGES, random);
    return cases.map((each): Witness => {
      const { prediction, site } = each;
      const distance = distanceToSupport(prediction.embedding, site.element, support);
      return { ...each, distance, odds: oddness(prediction.embedding, site.element, oddnessModel, support) };
    });
  };
  return {
    labelled: await observed(
      unseen.sites.filter(({ decoded }) => !decoded),
      Number(flags.draws),
    ),
    // What is familiar needs no label.
    unlabelled: await observed(
      unseen.sites.filter(({ decoded }) => decoded),
      1,
    ),
    strangers: await observed(unseen.nonOxides, 1),
  };
}

/**
 * Each spectrum as the model met it that was trained without its fold: all spectra bear witness, and the model that is
 * shipped has seen all of them. That it says of new spectra what those say of their fold is the assumption; it has seen a
 * quarter more than they.
 */
async function crossFitted(
  shipped: Model,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  random: Random,
): Promise<Witnesses> {
  const labelled: Witness[] = [];
  const unlabelled: Witness[] = [];
  const strangers: Witness[] = [];
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const directory = crossFitFolder(shipped.manifest.id, fold);
    const model = await loadModel({ directory, engine: 'auto' });
    requireAlike(directory, model, shipped);
    console.error(`fold ${fold + 1} of ${CROSS_VALIDATION.folds}`);
    const inFold = (site: Site) => foldOfSite(site) === fold;
    const others = (sites: readonly Site[]) => sites.filter((site) => !inFold(site));
    const familiarity = await familiarityOf(model, others(learned), others(nonOxides), random);
    const unseen = { sites: learned.filter(inFold), nonOxides: nonOxides.filter(inFold) };
    const found = await witness(model, familiarity, unseen, random);
    await model.close();
    labelled.push(...found.labelled);
    unlabelled.push(...found.unlabelled);
    strangers.push(...found.strangers);
  }
  return { labelled, unlabelled, strangers };
}

/** @throws FatalError where a model of the cross-fit has not the network, or not the kind of memory, of the shipped one */
function requireAlike(directory: string, fold: Model, shipped: Model): void {
  const kindOf = ({ memory }: Model) =>
    memory && { neighbours: memory.neighbours, share: memory.share, elements: [...memory.elements.keys()] };
  if (JSON.stringify(fold.manifest.network) !== JSON.stringify(shipped.manifest.network))
    throw new FatalError(
      `Expected ${directory} to be of the network of ${shipped.manifest.id}: train with --cross-fit`,
    );
  if (JSON.stringify(kindOf(fold)) !== JSON.stringify(kindOf(shipped)))
    throw new FatalError(
      `Expected ${directory} to have a memory of the kind that ${flags.weights} has: run npm run remember`,
    );
}

/** Spectra that were kept back; of all sets but one the test part too, since they are too few to report on. */
function heldBack(
  model: Model,
  familiarity: Familiarity,
  data: TrainingData,
  learned: ReadonlySet<Site>,
  random: Random,
): Promise<Witnesses> {
  const few = [...data.sets].filter(([name]) => name !== REPORTED_ON).flatMap(([, set]) => set.test);
  const sites = [...data.val, ...few].filter((site) => !learned.has(site));
  return witness(model, familiarity, { sites, nonOxides: [] }, random);
}

function heldOutOf({ site, bin, distance, odds }: Witness): HeldOut {
  return { element: site.element, group: site.group, bin, distance, odds };
}

/** Standardised embeddings of oxides' training spectra whose labels were established, not decoded. */
function supportOf(
  elements: readonly string[],
  training: readonly Case[],
  units: Pick<Support, 'mean' | 'scale'>,
): Map<string, Float32Array> {
  return new Map(
    elements.map((element) => {
      const own = training.filter(
        ({ site }) => site.element === element && !site.decoded && !withoutOxygen(site),
      );
      const rows = Math.min(own.length, SUPPORT_ROWS);
      const kept = Array.from({ length: rows }, (_, i) => own[Math.floor((i * own.length) / rows)]!);
      const values = kept.flatMap(({ prediction }) => [...standardised(prediction.embedding, units)]);
      return [element, Float32Array.from(values)];
    }),
  );
}

function supportBytes({ rows }: Support): Buffer {
  return Buffer.concat(
    [...rows.values()].map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength)),
  );
}

/**
 * Which elements are calibrated together: by itself, one with enough held-out materials; otherwise the metals, and oxygen, whose
 * descriptors are of another kind of site. What a network says of an element with dozens of spectra is worth less than what it
 * says, as confidently, of one with thousands.
 */
function groupsOf(cases: readonly Case[]): (element: string) => string {
  return (element) => {
    if (materialsOf(cases, element) >= OWN_MATERIALS || element === 'O') return element;
    return 'other metals';
  };
}

/**
 * Temperatures and interval widths of one descriptor, by noise bin, from the held-out spectra of a group; null where they are
 * too few.
 */
function calibrateDescriptor(
  name: DescriptorName,
  cases: readonly Case[],
  training: readonly Case[],
): Calibration | null {
  const bins = NOISE_EDGES.map((_, bin) => cases.filter((each) => each.bin === bin).flatMap(answersTo(name)));
  if (bins.some((answers) => answers.length < MIN_ANSWERS)) return null;
  if (DESCRIPTORS[name].kind === 'class') {
    const rows = bins.map((bin) =>
      bin.flatMap(({ output, truth }) => (output.kind === 'class' ? [{ ...output, truth }] : [])),
    );
    const temperature = rows.map((bin) => {
      const known = bin.map(({ classes, probabilities, truth }) => ({
        probabilities,
        truth: classes.indexOf(truth),
      }));
      return rounded(fitTemperature(known));
    });
    const doubts = rows.map((bin, i) =>
      bin.map(({ classes, probabilities, truth }) => {
        return 1 - (scaleProbabilities(probabilities, temperature[i]!)[classes.indexOf(truth)] ?? 0);
      }),
    );
    const floorsAt = (level: number) =>
      doubts.map((bin) => rounded(Math.max(0, 1 - conformalQuantile(bin, level))));
    return { kind: 'class', temperature, setFloor: floorsAt(LEVEL), setFloorAt: atOtherLevels(floorsAt) };
  }
  const ratios = bins.map((bin) =>
    bin.flatMap(({ output, truth }) =>
      output.kind === 'real' ? [Math.abs(output.mean - truth) / output.sigma] : [],
    ),
  );
  const spreadsAt = (level: number) => ratios.map((bin) => rounded(conformalQuantile(bin, level)));
  const spread = spreadsAt(LEVEL);
  if (!spread.every(Number.isFinite)) return null;
  const spreadAt = atOtherLevels(spreadsAt);
  const labels = training.flatMap(({ site }) => site.labels[name] ?? []);
  const low = labels.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = labels.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { kind: 'real', spread, spreadAt, tolerance: TOLERANCE[name]!, low, high };
}

/** A level that some noise bin has too few spectra for is left out. */
function atOtherLevels(figures: (level: number) => number[]): Record<string, number[]> {
  const levels = OTHER_LEVELS.map((level) => [level, figures(level)] as const);
  return Object.fromEntries(levels.filter(([, bins]) => bins.every(Number.isFinite)));
}

/** Whether, and from which confidence on, values of a descriptor are accepted for each element of a group. */
function promisesOf(
  name: DescriptorName,
  calibration: Calibration,
  members: readonly string[],
  cases: readonly Case[],
): Map<string, ElementPromise> {
  const trials = members.map((element) => {
    const own = cases.filter(({ site }) => site.element === element && site.labels[name] !== undefined);
    const bins = NOISE_EDGES.map((_, bin) =>
      trialsOf(
        name,
        calibration,
        own.filter((each) => each.bin === bin),
      ),
    );
    return [element, bins] as const;
  });
  const promises = fitPromises(new Map(trials), RULES);
  if (!WITHDRAWN.includes(name)) return promises;
  const withdrawn = NOISE_EDGES.map(() => null);
  return new Map([...promises].map(([element, each]) => [element, { ...each, thresholds: withdrawn }]));
}

function materialsOf(cases: readonly Case[], element: string): number {
  return new Set(cases.flatMap(({ site }) => (site.element === element ? [site.group] : []))).size;
}

function trialsOf(name: DescriptorName, descriptor: Calibration, cases: readonly Case[]): Trial[] {
  return cases.flatMap((each) =>
    answersTo(name)(each).map(({ output, truth }): Trial => {
      const { bin } = each;
      const site = each.site.id;
      if (output.kind === 'class' && descriptor.kind === 'class') {
        const probabilities = scaleProbabilities(output.probabilities, descriptor.temperature[bin]!);
        const confidence = Math.max(...probabilities);
        return { site, confidence, right: output.classes[probabilities.indexOf(confidence)] === truth };
      }
      if (output.kind !== 'real' || descriptor.kind !== 'real')
        throw new Error(`Expected one kind of ${name}`);
      const sigma = (descriptor.spread[bin]! * output.sigma) / normalQuantile(LEVEL);
      return {
        site,
        confidence: probabilityWithin(descriptor.tolerance, sigma),
        right: Math.abs(output.mean - truth) <= descriptor.tolerance,
      };
    }),
  );
}

function answersTo(name: DescriptorName) {
  return ({ prediction, site }: Case): { output: DescriptorOutput; truth: number }[] => {
    const output = prediction.outputs[name];
    const truth = site.labels[name];
    return output === undefined || truth === undefined ? [] : [{ output, truth }];
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
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
    'promised',
    ...NOISE_EDGES.map((end) => `< ${end}`),
  ]);
  row(Array.from({ length: 7 + NOISE_EDGES.length }, () => '---'));
  for (const [element, { descriptors }] of Object.entries(table.elements)) {
    const known = training.filter(({ site }) => site.element === element).length;
    for (const [name, { thresholds, evidence, promised }] of Object.entries(descriptors)) {
      const cells = thresholds.map((threshold) => (threshold === null ? '-' : threshold.toFixed(2)));
      row([
        element,
        known,
        name,
        evidence.sites,
        evidence.accepted,
        evidence.right,
        promised ? 'yes' : 'no',
        ...cells,
      ]);
    }
  }
}

/** Which non-oxides pass that the classifier was not fitted on, at which share of their noisy copies. */
function reportPassed(strangers: readonly Witness[], isFamiliar: (each: Witness) => boolean): void {
  const passing = strangers.filter(isFamiliar);
  console.log(`unseen non-oxides: ${passing.length} of ${strangers.length} copies pass`);
  for (const [id, copies] of copiesOf(strangers)) {
    const passed = copies.filter(isFamiliar).length;
    if (passed > 0) console.log(`  ${id} (${copies[0]!.site.kind}): ${passed} of ${copies.length}`);
  }
}

function copiesOf(cases: readonly Witness[]): Map<string, Witness[]> {
  const copies = new Map<string, Witness[]>();
  for (const each of cases) copies.set(each.site.id, [...(copies.get(each.site.id) ?? []), each]);
  return copies;
}
