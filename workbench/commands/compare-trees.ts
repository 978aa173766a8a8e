import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { sha256 } from '../../src/sha256.ts';
import { COMPARED_SIGMAS } from '../comparison/cu-sites.ts';
import { type FoldScores, writeComparison } from '../comparison/fold-scores.ts';
import { type Exported, exportSpectra, LABELS } from '../comparison/trees/export-spectra.ts';
import { scoreValues } from '../comparison/trees/score-values.ts';
import { OMNIXAS } from '../data/data-folders.ts';

const MODELS = ['extra-trees', 'random-forest', 'xgboost', 'decision-tree'] as const;

const HELP = `Trains trees on the copper spectra that the networks are trained on, and scores them alike: on the test split and in
5-fold cross-validation by material. Needs Python 3.11 or newer; its packages go to .cache/trees.

  node --import tsx workbench/comparison/trees/compare.ts [options]

  --data DIR      folder of cu-feff9 (default: XANES_DATA or data/omnixas)
  --models A,B    default ${MODELS.join(',')}
  --runs A,B      test, val or fold-0 to fold-4 (default: test and all folds)
  --copies N      augmented copies of each spectrum beside the clean one (default 2)
  --python CMD    default python3
  --fresh         train again what was trained on the same spectra before
  --help

Writes workbench/comparison/trees/scores.json, bench/comparison/MODEL.json and docs/tables/trees.md. Broken off, it goes on where it was.`;

const { values: flags } = parseFlags({
  options: {
    data: { type: 'string', default: OMNIXAS },
    models: { type: 'string', default: MODELS.join(',') },
    runs: { type: 'string', default: 'test,fold-0,fold-1,fold-2,fold-3,fold-4' },
    copies: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const CACHE = '.cache/trees';
const HERE = import.meta.dirname;

if (flags.help) console.log(HELP);
else compareTrees(flags.models.split(','), flags.runs.split(','), Number(flags.copies));

type Sites = ReturnType<typeof exportSpectra>['sites'];
type Answer = { seconds: number; predictions: Record<string, Record<string, number[]>> };

function compareTrees(models: readonly string[], runs: readonly string[], copies: number): void {
  const unknown = models.find((model) => !(MODELS as readonly string[]).includes(model));
  if (unknown !== undefined)
    throw new RangeError(`Expected --models among ${MODELS.join(', ')}, got ${unknown}`);
  if (!Number.isInteger(copies) || copies < 0)
    throw new RangeError(`Expected --copies to be an integer >= 0, got ${flags.copies}`);
  const python = setUpPython();
  const folder = join(CACHE, 'data');
  const { sites, exported } = exportSpectra(flags.data, copies, folder);
  // Answers are kept by what they were made from: other spectra or another trees.py are other answers.
  const made = ['inputs.f32', 'labels.f32', 'meta.json'].map((file) => readFileSync(join(folder, file)));
  const key = sha256(Buffer.concat([...made, readFileSync(join(HERE, 'trees.py'))])).slice(0, 12);
  const answers = join(CACHE, `answers-${key}`);
  if (flags.fresh) rmSync(answers, { recursive: true, force: true });
  mkdirSync(answers, { recursive: true });

  for (const run of runs) {
    if (!exported.runs.some(({ name }) => name === run))
      throw new RangeError(
        `Expected --runs among ${exported.runs.map(({ name }) => name).join(', ')}, got ${run}`,
      );
    for (const model of models) {
      if (existsSync(join(answers, `${model}-${run}.json`))) continue;
      call(python, [join(HERE, 'trees.py'), folder, answers, model, run]);
    }
  }
  report(answers, sites, exported);
}

/** A virtual environment with the pinned packages; made once. */
function setUpPython(): string {
  const python = join(CACHE, 'bin/python');
  const requirements = join(HERE, 'requirements.txt');
  const stamp = join(CACHE, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  call(flags.python, ['-m', 'venv', CACHE]);
  call(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, wanted);
  return python;
}

function call(command: string, parameters: readonly string[]): void {
  const { status, error } = spawnSync(command, parameters, {
    stdio: 'inherit',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  if (status !== 0)
    throw new Error(
      `Expected ${command} ${parameters.join(' ')} to succeed: ${error?.message ?? `exit code ${status}`}`,
    );
}

/** Scores all answers that there are, of this call and earlier ones. */
function report(answers: string, sites: Sites, exported: Exported): void {
  const all = MODELS.flatMap((model) =>
    exported.runs.flatMap(({ name, held }) => {
      const file = join(answers, `${model}-${name}.json`);
      if (!existsSync(file)) return [];
      const { seconds, predictions } = JSON.parse(readFileSync(file, 'utf8')) as Answer;
      const scores = Object.fromEntries(
        COMPARED_SIGMAS.map((sigma) => [
          sigma === 0 ? 'clean' : String(sigma),
          scoreValues(
            predictions[String(sigma)]!,
            held.map((row) => sites[row]!.labels),
          ),
        ]),
      );
      return [{ model, run: name, cpuSeconds: seconds, scores }];
    }),
  );
  writeFileSync(join(HERE, 'scores.json'), `[\n${all.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
  for (const model of MODELS) {
    const folds = all.flatMap((each): FoldScores['folds'] => {
      const fold = each.model === model ? /^fold-(\d+)$/.exec(each.run)?.[1] : undefined;
      return fold === undefined ? [] : [{ fold: Number(fold), scores: each.scores }];
    });
    if (folds.length > 0) writeComparison(join(HERE, '../comparison'), { model, folds });
  }
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/trees.md', table(all, exported));
  console.log(readFileSync('docs/tables/trees.md', 'utf8'));
}

type Scored = {
  model: string;
  run: string;
  cpuSeconds: number;
  scores: FoldScores['folds'][number]['scores'];
};

function table(all: readonly Scored[], { runs, copies }: Exported): string {
  const test = runs.find(({ name }) => name === 'test')!;
  const rows = all
    .filter(({ run }) => run === 'test')
    .flatMap(({ model, scores, cpuSeconds }) =>
      Object.entries(scores).map(([sigma, values]) => {
        const each = LABELS.map((name) => values[name]!);
        const mean = each.reduce((a, b) => a + b, 0) / each.length;
        const cells = [...each, mean].map((value) => value.toFixed(3));
        return `| ${[model, sigma, ...cells, cpuSeconds.toFixed(0)].join(' | ')} |`;
      }),
    );
  return `${[
    `Trees on the copper K-edge, trained on ${test.train.length} sites (each once clean and ${copies} times augmented), scored on the`,
    `${test.held.length} sites of the test split that cover the grid: weighted F1, R2 for NNRS and MOOD; CPU seconds of training.`,
    'Made by `node --import tsx workbench/comparison/trees/compare.ts`; by folds, beside the networks: [comparison.md](comparison.md).',
    '',
    `| model | sigma | ${LABELS.join(' | ')} | mean | CPU s |`,
    `|${'---|'.repeat(LABELS.length + 4)}`,
    ...rows,
  ].join('\n')}\n`;
}
