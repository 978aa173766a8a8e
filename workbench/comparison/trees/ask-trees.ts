import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pythonWith } from '../../../python/python-with.ts';
import { FatalError } from '../../../src/common/errors.ts';
import { sha256 } from '../../../src/common/sha256.ts';
import type { RunName } from './export-spectra.ts';

export const TREE_MODELS = ['extra-trees', 'random-forest', 'xgboost', 'decision-tree'] as const;
export type TreeModel = (typeof TREE_MODELS)[number];

/** What a trained model says of the sites that were held out, as trees.py writes it. */
export type TreeAnswer<R extends string = RunName> = {
  readonly model: TreeModel;
  readonly run: R;
  /** CPU seconds of training. */
  readonly seconds: number;
  /** By sigma of the noise, then by descriptor: a value for each held-out site, in the order of the run. */
  readonly predictions: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
};

export const TREES_CACHE = '.cache/trees';
const SCRIPT = join(import.meta.dirname, 'trees.py');
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/**
 * Trains models in Python on the spectra of a folder (write-spectra.ts). What was trained on the same spectra before is
 * kept: other spectra or another trees.py are other answers.
 * @param options.known all evaluations that the folder has, of which `runs` are asked for
 * @param options.fresh trains again what is kept
 * @returns all answers that there are, of this call and earlier ones
 * @throws FatalError where Python or its packages fail
 */
export async function askTrees<R extends string>(options: {
  readonly folder: string;
  readonly models: readonly TreeModel[];
  readonly known: readonly R[];
  readonly runs: readonly R[];
  readonly python: string;
  readonly fresh: boolean;
}): Promise<TreeAnswer<R>[]> {
  const { folder, models, known, runs, fresh } = options;
  const python = await pythonWith({
    requirements: REQUIREMENTS,
    home: join(TREES_CACHE, 'python'),
    command: options.python,
  });
  const made = ['inputs.f32', 'labels.f32', 'meta.json'].map((file) => readFileSync(join(folder, file)));
  const key = sha256(Buffer.concat([...made, readFileSync(SCRIPT)])).slice(0, 12);
  const answers = join(TREES_CACHE, `answers-${key}`);
  if (fresh) rmSync(answers, { recursive: true, force: true });
  mkdirSync(answers, { recursive: true });
  const fileOf = (model: string, run: string) => join(answers, `${model}-${run}.json`);
  for (const run of runs)
    for (const model of models)
      if (!existsSync(fileOf(model, run))) call(python, [SCRIPT, folder, answers, model, run]);
  return TREE_MODELS.flatMap((model) =>
    known.flatMap((run): TreeAnswer<R>[] =>
      existsSync(fileOf(model, run))
        ? [{ ...JSON.parse(readFileSync(fileOf(model, run), 'utf8')), model, run }]
        : [],
    ),
  );
}

function call(command: string, parameters: readonly string[]): void {
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit', env });
  if (status !== 0)
    throw new FatalError(
      `Expected ${command} ${parameters.join(' ')} to succeed: ${error?.message ?? `exit code ${status}`}`,
    );
}
