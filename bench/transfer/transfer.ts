import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags } from '../../scripts/parse-flags.ts';
import { lineChart } from '../../scripts/plots/line-chart.ts';
import { foldOfSite } from '../../scripts/training/cross-fit.ts';
import { dataFolders } from '../../scripts/training/flags.ts';
import { makeFineTuning } from '../../scripts/training/make-fine-tuning.ts';
import { makeLesson } from '../../scripts/training/make-lesson.ts';
import { runCommand } from '../../scripts/training/run-command.ts';
import { type Lesson, RECIPE, type Recipe, trainModel } from '../../scripts/training/train-model.ts';
import { FatalError } from '../../src/errors.ts';
import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { readSites, type Site, toInput } from '../../src/model/dataset.ts';
import { CROSS_VALIDATION } from '../../src/model/folds.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { readManifest } from '../../src/model/manifest.ts';
import { classMetrics, realMetrics } from '../../src/model/metrics.ts';
import { seededRandom, shuffle } from '../../src/model/random.ts';
import { expectedOf, likeliest } from '../../src/model/score.ts';
import { readTrainingData } from '../../src/model/training-data.ts';

const HELP = `What a trained model is worth on another calculation, other elements and few labels.

  npm run transfer -- [options]

  --base DIR     a model that never saw the spectra below, trained by
                 npm run train -- --leave-out li-x-coo2,battery-feff10,battery-extended --id base --out .cache/models/base
                 (default: .cache/models/base)
  --model DIR    the shipped model, for the series (default: weights/spt)
  --data FOLDER  default as for train
  --help

Writes docs/tables/transfer.md, docs/images/few-shot.svg and docs/images/li-x-coo2.svg.`;

/** Labelled spectra of the other families that are given to learn from. */
const SIZES = [0, 10, 25, 50, 100, 'all'] as const;
const SHOWN: readonly DescriptorName[] = ['OS', 'CN', 'OCN', 'PSGO', 'NNRS', 'MOOD'];
const SETS = ['battery-feff10', 'battery-extended'];
const SCRATCH = '.cache/transfer';

const HEAD = `# Other calculations, other elements, few labels

Made by \`npm run transfer\` (its --help tells the model it starts from).

`;
const SILENT = { say: () => {}, step: () => {}, epoch: () => {} };

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      base: { type: 'string', default: '.cache/models/base' },
      model: { type: 'string', default: 'weights/spt' },
      data: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const folders = dataFolders(flags);
  const { sets } = readTrainingData(folders);
  const sites = SETS.flatMap((name) => Object.values(sets.get(name) ?? {}).flat() as Site[]).filter(
    ({ element }) => element !== 'Li',
  );
  const base = readManifest(flags.base);
  const seen = (base.training.files as { file: string }[]).filter(({ file }) =>
    SETS.some((s) => file.startsWith(s)),
  );
  if (seen.length > 0)
    throw new FatalError(`Expected --base never to have seen ${SETS.join(' or ')}: see --help`);

  const fewShot = await fewShotTable(flags.base, sites);
  const series = readSites(join(folders[0]!, 'li-x-coo2/series.jsonl'));
  const along = await alongSeries(flags.base, flags.model, series);
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/transfer.md', `${HEAD}${fewShot}\n${along}`);
  rmSync(SCRATCH, { recursive: true, force: true });
});

/** Every spectrum is judged once, by models that saw no spectrum of its family. */
async function fewShotTable(base: string, sites: readonly Site[]): Promise<string> {
  const answers = new Map<string, Answer[]>(); // by way and size
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const held = sites.filter((site) => foldOfSite(site) === fold);
    const others = shuffle(
      sites.filter((site) => foldOfSite(site) !== fold),
      seededRandom(fold + 1),
    );
    for (const size of SIZES) {
      const train = others.slice(0, size === 'all' ? others.length : size);
      for (const way of ['fine-tuned', 'from scratch'] as const) {
        const key = `${way}/${size}`;
        let directory = base;
        if (train.length > 0) {
          directory = join(SCRATCH, way, `${fold}-${size}`);
          console.error(`fold ${fold + 1} of ${CROSS_VALIDATION.folds}: ${way}, ${train.length} spectra`);
          const lesson = way === 'fine-tuned' ? tuning(base, train) : beginning(train);
          await trainModel(directory, lesson, { resume: false, progress: SILENT });
        } else if (way === 'from scratch') continue;
        answers.set(key, [...(answers.get(key) ?? []), ...(await answersOf(directory, held))]);
      }
    }
  }
  const rows = [...answers].map(([key, all]) => {
    const [way, size] = key.split('/') as [string, string];
    return { way, size, scores: SHOWN.map((name) => scoreOf(name, all)) };
  });
  const spectra = (size: string) => (size === 'all' ? Math.round((sites.length * 4) / 5) : Number(size));
  await lineChart({
    title: 'Another calculation: what few labels are worth',
    x: 'labelled spectra of other families',
    y: 'weighted F1 or R²',
    series: SHOWN.slice(0, 4).flatMap((panel, i) =>
      ['fine-tuned', 'from scratch'].map((way) => ({
        panel,
        name: way,
        points: rows
          .filter((row) => row.way === way)
          .map((row): [number, number] => [spectra(row.size), row.scores[i]!]),
      })),
    ),
    file: 'docs/images/few-shot.svg',
  });
  const elements = [...new Set(sites.map(({ element }) => element))].sort();
  return [
    `## Few labels`,
    '',
    `${sites.length} FEFF10 spectra (${elements.join(', ')}) of ${new Set(sites.map(({ group }) => group)).size} prototype families. ` +
      `Each family is judged by a model that saw none of it: by the base model (trained on FEFF9 spectra alone) as it is, by the base ` +
      `model after fine-tuning on so many spectra of other families, and by a network that saw only these. An absorber that a model ` +
      `never met counts as wrong. ![few labels](../images/few-shot.svg)`,
    '',
    `| | spectra | ${SHOWN.join(' | ')} |`,
    `|---|---|${'---|'.repeat(SHOWN.length)}`,
    ...rows.map(({ way, size, scores }) => {
      const label = size === '0' ? 'base as it is' : way;
      return `| ${label} | ${size} | ${scores.map((score) => score.toFixed(3)).join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

/** The series kept out altogether, and beside it with each x held out in turn. */
async function alongSeries(base: string, shipped: string, series: readonly Site[]): Promise<string> {
  const states = [...new Set(series.map(({ meanOxidationState }) => meanOxidationState!))].sort(
    (a, b) => a - b,
  );
  const at = (state: number) => series.filter(({ meanOxidationState }) => meanOxidationState === state);
  const labelled = (state: number) => {
    const own = at(state).map(({ labels }) => labels.OS!);
    return own.reduce((a, b) => a + b, 0) / own.length;
  };
  const meanOf = async (directory: string, state: number) => {
    const answers = await answersOf(directory, at(state));
    return answers.reduce((sum, { expected }) => sum + expected, 0) / answers.length;
  };
  const rows: { composition: number; state: number; base: number; kept: number; beside: number }[] = [];
  for (const state of states) {
    console.error(`Li_xCoO2, mean oxidation state ${state.toFixed(2)} held out`);
    const directory = join(SCRATCH, 'series', state.toFixed(3));
    const rest = series.filter(({ meanOxidationState }) => meanOxidationState !== state);
    await trainModel(directory, tuning(shipped, rest), { resume: false, progress: SILENT });
    rows.push({
      composition: state,
      state: labelled(state),
      base: await meanOf(base, state),
      kept: await meanOf(shipped, state),
      beside: await meanOf(directory, state),
    });
  }
  const points = (of: (row: (typeof rows)[number]) => number) =>
    rows.map((row): [number, number] => [4 - row.composition, of(row)]);
  await lineChart({
    title: 'Li_xCoO2: mean oxidation state of cobalt',
    x: 'x',
    y: 'mean oxidation state',
    series: [
      { name: 'true, of these sites', points: points(({ state }) => state), dashed: true },
      { name: 'base (FEFF9 alone)', points: points((row) => row.base) },
      { name: 'shipped, series never seen', points: points((row) => row.kept) },
      { name: 'fine-tuned on the other x', points: points((row) => row.beside) },
    ],
    file: 'docs/images/li-x-coo2.svg',
  });
  const error = (of: (row: (typeof rows)[number]) => number) => {
    const errors = rows.map((row) => Math.abs(of(row) - row.state));
    return `${(errors.reduce((a, b) => a + b, 0) / errors.length).toFixed(3)} (largest ${Math.max(...errors).toFixed(3)})`;
  };
  return [
    '## Li_xCoO2',
    '',
    'Mean over the three sites of a composition of the expected oxidation state of cobalt, against the mean of what these sites are (each',
    'is 3 or 4). The series is in no training set; in the last column the shipped model was fine-tuned on all other x.',
    '',
    '![series](../images/li-x-coo2.svg)',
    '',
    '| composition | true, of the sites | base (FEFF9 alone) | shipped, series never seen | fine-tuned on the other x |',
    '|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${[row.composition, row.state, row.base, row.kept, row.beside].map((v) => v.toFixed(3)).join(' | ')} |`,
    ),
    `| mean absolute error | | ${error((r) => r.base)} | ${error((r) => r.kept)} | ${error((r) => r.beside)} |`,
    '',
  ].join('\n');
}

/** About as many steps for few spectra as for many. */
function recipeFor(spectra: number, learningRate: number): Recipe {
  const epochs = Math.min(200, Math.ceil(30 + 2000 / spectra));
  return { ...RECIPE, batchSize: 16, repeat: 1, learningRate, epochs };
}

function tuning(from: string, train: readonly Site[]): Lesson {
  const recipe = recipeFor(train.length, 0.0007);
  return makeFineTuning({
    from,
    id: 'tuned',
    seed: 1,
    recipe,
    freezeBody: false,
    train,
    val: [],
    provenance: {},
  });
}

function beginning(train: readonly Site[]): Lesson {
  return makeLesson({
    id: 'scratch',
    seed: 1,
    recipe: recipeFor(train.length, 0.0015),
    architecture: 'spt',
    size: {},
    descriptors: DESCRIPTOR_NAMES,
    train,
    val: [],
    provenance: {},
    copiable: [],
    minSpectra: 1,
  });
}

type Answer = {
  readonly site: Site;
  readonly outputs: Prediction['outputs'] | null;
  readonly expected: number;
};

/** What the model says of each spectrum; null of an absorber that it never met. */
async function answersOf(directory: string, sites: readonly Site[]): Promise<Answer[]> {
  const model = await loadModel({ directory, engine: 'auto' });
  const { references, grid } = model.manifest;
  const inputs = sites.map((site) => {
    const reference = references.find(({ element }) => element === site.element);
    return reference === undefined ? null : toInput(site, reference, grid);
  });
  const predictions = await model.predict(inputs.filter((input) => input !== null));
  await model.close();
  let next = 0;
  return sites.map((site, i) => {
    const outputs = inputs[i] === null ? null : predictions[next++]!.outputs;
    return { site, outputs, expected: outputs?.OS === undefined ? Number.NaN : expectedOf(outputs.OS) };
  });
}

function scoreOf(name: DescriptorName, answers: readonly Answer[]): number {
  const rows = answers.filter(({ site }) => site.labels[name] !== undefined);
  const truth = rows.map(({ site }) => site.labels[name]!);
  const isClass = DESCRIPTORS[name].kind === 'class';
  const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
  const said = rows.map(({ outputs }) => {
    const output = outputs?.[name];
    if (output !== undefined) return likeliest(output);
    return isClass ? Number.NaN : mean; // no answer is worth what the mean is worth
  });
  return isClass ? classMetrics(truth, said).weightedF1 : realMetrics(truth, said).r2;
}
