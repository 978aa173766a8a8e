import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import type { TrainingRecord } from '../../src/model/training-record.ts';
import { madeBy } from './data-folders.ts';
import { everySite, readSites, type Site, type Split, splitByGroup } from './dataset.ts';

/** The parts of all sets together, and of each set. */
export type TrainingData = Split<Site> & {
  /** By the name of the folder that the files lie in. */
  readonly sets: ReadonlyMap<string, Split<Site>>;
  readonly files: readonly { readonly file: string; readonly sha256: string; readonly spectra: number }[];
};

/** Kept out of training unless asked for: the series that the demo and its table are to predict. */
export const LEFT_OUT = ['li-x-coo2'];

/** Never trained on: examples for the gate of what is no oxide, and spectra that the energy scale is fitted on. */
export const NOT_FOR_TRAINING = ['non-oxides', 'cu-feff10'];

export const SPLIT_RULE =
  'a file named train, val or test is that part; every other is split by family, or by material where there is none, ' +
  'about 70:15:15 (seed 1); a family is in the same part in all files, in the test part if one of them says so, else in the ' +
  'validation part';

/**
 * Finds labelled spectra: the files, and every .jsonl and .jsonl.gz in the folders and in the folders right below them.
 * @param places files and folders, in this order; of files that state no part, the first decides that of a family which
 * several have
 * @param leftOut names of folders that are passed over, besides those that are never trained on
 * @throws FatalError when there is none, or one cannot be read
 */
export function readTrainingData(
  places: readonly string[],
  leftOut: readonly string[] = LEFT_OUT,
): TrainingData {
  const paths = places.flatMap((place) => {
    if (!existsSync(place))
      throw new FatalError(
        `Expected a file or folder of training data at ${place}: give --data${madeBy(place)}`,
      );
    return statSync(place).isDirectory() ? spectraFiles(place) : [place];
  });
  const read = paths.flatMap((path) => {
    const set = basename(dirname(resolve(path)));
    if (leftOut.includes(set) || NOT_FOR_TRAINING.includes(set)) return [];
    const sites = readSites(path, requireSpectrum);
    const part = /^(train|val|test)\b/.exec(basename(path))?.[1] as keyof Split<Site> | undefined;
    const file = {
      file: `${set}/${basename(path)}`,
      sha256: sha256(readFileSync(path)),
      spectra: sites.length,
    };
    return [{ set, part, sites, file }];
  });
  const partOf = new Map<string, keyof Split<Site>>(); // by family or material
  const decide = (part: keyof Split<Site>, sites: readonly Site[]) => {
    for (const { group } of sites) partOf.set(group, part);
  };
  for (const part of PARTS) // the strictest last
    for (const { sites } of read.filter((each) => each.part === part)) decide(part, sites);
  for (const { sites } of read.filter(({ part }) => part === undefined)) {
    const undecided = sites.filter(({ group }) => !partOf.has(group));
    const fresh = splitByGroup(undecided, 1);
    for (const part of PARTS) decide(part, fresh[part]);
  }
  const sets = new Map<string, Record<keyof Split<Site>, Site[]>>();
  for (const { set: name, sites } of read) {
    const set = sets.get(name) ?? { train: [], val: [], test: [] };
    sets.set(name, set);
    for (const site of sites) set[partOf.get(site.group)!].push(site);
  }
  const files = read.map(({ file }) => file);
  if (files.length === 0)
    throw new FatalError(
      `Expected files .jsonl or .jsonl.gz in ${places.join(', ')} or right below, got none ` +
        `(${[...new Set([...leftOut, ...NOT_FOR_TRAINING])].join(', ')} are passed over)`,
    );
  return { ...together(sets), sets, files };
}

/** As a manifest names a file of its training data. */
type NamedFile = NonNullable<TrainingRecord['files']>[number];

/**
 * The sets that a model's manifest names as its training data, and no others.
 * @throws FatalError where their files are not those that the model was trained with: what it has seen could not be
 * told
 */
export function dataOf(
  data: TrainingData,
  { files: named = [] }: Pick<TrainingRecord, 'files'>,
): TrainingData {
  const known = new Set(named.map(({ file }) => file.split('/')[0]));
  const sets = new Map([...data.sets].filter(([name]) => known.has(name)));
  if (sets.size === 0)
    throw new FatalError(`Expected data of the sets ${[...known].join(', ')}: give --data`);
  requireSameFiles(
    data.files.filter(({ file }) => known.has(file.split('/')[0])),
    named,
  );
  return { ...together(sets), sets, files: data.files };
}

/** Files of a name, which sets of the same name in two folders have, are told apart by their hashes. */
function requireSameFiles(given: TrainingData['files'], named: readonly NamedFile[]): void {
  const count = (files: readonly NamedFile[], name: string) =>
    files.filter(({ file }) => file === name).length;
  const missing = named.find(({ file }) => count(given, file) < count(named, file));
  if (missing !== undefined) {
    const set = dirname(missing.file);
    const help = LEFT_OUT.includes(set)
      ? `${set} is passed over here, train without it`
      : 'give its folder with --data';
    throw new FatalError(`Expected ${missing.file}, which the model was trained with, got none: ${help}`);
  }
  for (const { file, sha256: now } of given) {
    const then = named.filter((other) => other.file === file);
    if (then.length === 0)
      throw new FatalError(
        `Expected of ${dirname(file)} only files that the model was trained with, got ${file}: move it to a folder of ` +
          'another name, or train again',
      );
    if (then.every(({ sha256: hash }) => hash !== now))
      throw new FatalError(
        `Expected ${file} as the model was trained with it (sha256 ${then[0]!.sha256}), got ${now}: give that, or train again`,
      );
  }
}

/**
 * What is trained on, in this order: train, the test parts of the sets in `allOf`, and val where nothing is chosen by
 * it. No material or family of another set's test part is among it, whichever its absorber.
 */
export function learnedSites(
  data: TrainingData,
  allOf: readonly string[],
  crossFit: boolean,
): readonly Site[] {
  const testsOf = (wholly: boolean) =>
    [...data.sets].flatMap(([name, { test }]) => (allOf.includes(name) === wholly ? test : []));
  const reportedOn = new Set(testsOf(false).map(({ group }) => group));
  const all = [...data.train, ...testsOf(true), ...(crossFit ? data.val : [])];
  return all.filter(({ group }) => !reportedOn.has(group));
}

/** What a model's manifest says that it was trained on, of the data that `dataOf` found. */
export function learnedBy(
  data: TrainingData,
  { allOf = [], crossFit = false }: Pick<TrainingRecord, 'allOf' | 'crossFit'>,
): readonly Site[] {
  return learnedSites(data, allOf, crossFit);
}

/**
 * The very sites of what `dataOf` found that a model was not trained on: those that are reported on, or that it was
 * chosen by.
 */
export function keptFrom(
  data: TrainingData,
  training: Pick<TrainingRecord, 'allOf' | 'crossFit'>,
): readonly Site[] {
  const learned = new Set(learnedBy(data, training));
  return everySite(data).filter((site) => !learned.has(site));
}

function together(sets: TrainingData['sets']): Split<Site> {
  const part = (name: keyof Split<Site>) => [...sets.values()].flatMap((set) => set[name]);
  return { train: part('train'), val: part('val'), test: part('test') };
}

/** What an experiment sends is refused scan by scan; what a network learns from must be whole. */
function requireSpectrum({ id, edge, energyEv, mu }: Site, where: string): void {
  const wrong = (field: string, what: string) => new FatalError(`${where} (${id}): ${field}: ${what}`);
  if (edge !== 'K') throw wrong('edge', `Expected K, the one edge that models are made for, got ${edge}`);
  if (energyEv.length < 16) throw wrong('energyEv', `Expected at least 16 points, got ${energyEv.length}`);
  if (mu.length !== energyEv.length)
    throw wrong('mu', `Expected as many values as energyEv, ${energyEv.length}, got ${mu.length}`);
  for (let i = 0; i < mu.length; i++) {
    if (!Number.isFinite(mu[i]!)) throw wrong(`mu.${i}`, 'Expected a number');
    if (!Number.isFinite(energyEv[i]!)) throw wrong(`energyEv.${i}`, 'Expected a number');
    if (i > 0 && energyEv[i]! <= energyEv[i - 1]!)
      throw wrong(
        `energyEv.${i}`,
        `Expected energies to increase, got ${energyEv[i]} after ${energyEv[i - 1]}`,
      );
  }
}

const PARTS = ['train', 'val', 'test'] as const;

function spectraFiles(folder: string): string[] {
  const entries = readdirSync(folder).sort();
  const below = entries.map((entry) => join(folder, entry)).filter((path) => statSync(path).isDirectory());
  return [folder, ...below].flatMap((place) => {
    return readdirSync(place)
      .sort()
      .filter((name) => /\.jsonl(\.gz)?$/.test(name))
      .map((name) => join(place, name));
  });
}
