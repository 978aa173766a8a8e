import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSites, type Site, type Split, splitByGroup } from './dataset.ts';
import { sha256 } from './manifest.ts';

export type TrainingData = {
  readonly train: readonly Site[];
  /** Chooses the epoch. */
  readonly val: { readonly cu: readonly Site[]; readonly battery: readonly Site[] };
  readonly battery: Split<Site>;
  readonly files: readonly { readonly file: string; readonly sha256: string; readonly spectra: number }[];
};

export const SPLIT_RULE =
  'cu-feff9 and tm-feff9 as published (by material); battery-feff10 by prototype family, seed 1, about 70:15:15; ' +
  'li-x-coo2 and measured spectra in no part; oxygen and lithium absorbers left out';

const FILES = {
  cuTrain: 'cu-feff9/train.jsonl.gz',
  cuVal: 'cu-feff9/val.jsonl.gz',
  tmTrain: 'tm-feff9/train.jsonl.gz',
  battery: 'battery-feff10/sites.jsonl',
};

/** @param directory holds the folders named in the data's own README */
export function readTrainingData(directory: string): TrainingData {
  const read = (file: string): readonly Site[] => {
    const path = join(directory, file);
    if (!existsSync(path))
      throw new Error(`Expected training data at ${path}: give --data or set XANES_DATA`);
    return readSites(path).filter(({ element }) => element !== 'O' && element !== 'Li');
  };
  const [cuTrain, cuVal, tmTrain] = [read(FILES.cuTrain), read(FILES.cuVal), read(FILES.tmTrain)];
  const battery = splitByGroup(read(FILES.battery), 1);
  const train = [...cuTrain, ...tmTrain, ...battery.train];
  const counts: Record<string, number> = {
    [FILES.cuTrain]: cuTrain.length,
    [FILES.cuVal]: cuVal.length,
    [FILES.tmTrain]: tmTrain.length,
    [FILES.battery]: battery.train.length,
  };
  const files = Object.values(FILES).map((file) => {
    return { file, sha256: sha256(readFileSync(join(directory, file))), spectra: counts[file]! };
  });
  return { train, val: { cu: cuVal, battery: battery.val }, battery, files };
}
