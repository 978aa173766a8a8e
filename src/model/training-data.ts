import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FatalError } from '../errors.ts';
import { readSites, type Site, type Split, splitByGroup } from './dataset.ts';
import { sha256 } from './manifest.ts';

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
  'about 70:15:15 (seed 1); a family is in the same part in all files';

/**
 * Finds labelled spectra: every .jsonl and .jsonl.gz in the folders and in the folders right below them.
 * @param folders in this order; the first decides the part of a family that several have
 * @param leftOut names of folders that are passed over, besides those that are never trained on
 * @throws FatalError when there is none, or one cannot be read
 */
export function readTrainingData(
  folders: readonly string[],
  leftOut: readonly string[] = LEFT_OUT,
): TrainingData {
  const paths = folders.flatMap((folder) => {
    if (!existsSync(folder))
      throw new FatalError(`Expected a folder of training data at ${folder}: give --data`);
    return spectraFiles(folder);
  });
  const sets = new Map<string, Record<keyof Split<Site>, Site[]>>();
  const partOf = new Map<string, keyof Split<Site>>(); // by family or material
  const files = paths.flatMap((path) => {
    const name = basename(dirname(path));
    if (leftOut.includes(name) || NOT_FOR_TRAINING.includes(name)) return [];
    const sites = readSites(path);
    for (const [i, site] of sites.entries()) requireSpectrum(site, `${path}, spectrum ${i + 1}`);
    const set = sets.get(name) ?? { train: [], val: [], test: [] };
    sets.set(name, set);
    const stated = /^(train|val|test)\b/.exec(basename(path))?.[1] as keyof Split<Site> | undefined;
    if (stated === undefined) {
      const fresh = splitByGroup(
        sites.filter(({ group }) => !partOf.has(group)),
        1,
      );
      for (const part of PARTS) for (const { group } of fresh[part]) partOf.set(group, part);
    }
    for (const site of sites) set[stated ?? partOf.get(site.group)!].push(site);
    return [{ file: `${name}/${basename(path)}`, sha256: sha256(readFileSync(path)), spectra: sites.length }];
  });
  if (files.length === 0)
    throw new FatalError(
      `Expected files .jsonl or .jsonl.gz in ${folders.join(', ')} or right below, got none ` +
        `(${[...new Set([...leftOut, ...NOT_FOR_TRAINING])].join(', ')} are passed over)`,
    );
  return { ...together(sets), sets, files };
}

/**
 * The sets that a model's manifest names as its training data, and no others.
 * @throws FatalError where one of their files is another than the model was trained with: what it has seen could not be told
 */
export function dataOf(data: TrainingData, training: Readonly<Record<string, unknown>>): TrainingData {
  const named = (training.files ?? []) as readonly { readonly file: string; readonly sha256?: string }[];
  const known = new Set(named.map(({ file }) => file.split('/')[0]));
  const sets = new Map([...data.sets].filter(([name]) => known.has(name)));
  if (sets.size === 0)
    throw new FatalError(`Expected data of the sets ${[...known].join(', ')}: give --data`);
  for (const { file, sha256: now } of data.files) {
    const then = named.find((other) => other.file === file)?.sha256;
    if (then !== undefined && then !== now)
      throw new FatalError(
        `Expected ${file} as the model was trained with it (sha256 ${then}), got ${now}: give that, or train again`,
      );
  }
  return { ...together(sets), sets, files: data.files };
}

/** What is trained on, in this order: train, the test parts of the sets in `allOf`, and val where nothing is chosen by it. */
export function learnedSites(
  data: TrainingData,
  allOf: readonly string[],
  crossFit: boolean,
): readonly Site[] {
  const also = [...data.sets].flatMap(([name, set]) => (allOf.includes(name) ? set.test : []));
  return [...data.train, ...also, ...(crossFit ? data.val : [])];
}

/** What a model's manifest says that it was trained on, of the data that `dataOf` found. */
export function learnedBy(data: TrainingData, training: Readonly<Record<string, unknown>>): readonly Site[] {
  return learnedSites(
    data,
    (training.allOf as readonly string[] | undefined) ?? [],
    training.crossFit === true,
  );
}

function together(sets: TrainingData['sets']): Split<Site> {
  const part = (name: keyof Split<Site>) => [...sets.values()].flatMap((set) => set[name]);
  return { train: part('train'), val: part('val'), test: part('test') };
}

/** What an experiment sends is refused scan by scan; what a network learns from must be whole. */
function requireSpectrum({ id, energyEv, mu }: Site, where: string): void {
  const wrong = (field: string, what: string) => new FatalError(`${where} (${id}): ${field}: ${what}`);
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
