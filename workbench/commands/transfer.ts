import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { FatalError } from '../../src/errors.ts';
import { readSites } from '../data/dataset.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { dataFolders } from '../training/flags.ts';
import { alongSeries, unseenFamilyOf } from '../transfer/along-series.ts';
import { fewLabels } from '../transfer/few-labels.ts';
import { NEW_ELEMENTS, newElements } from '../transfer/new-elements.ts';

const HELP = `What a trained model is worth on another calculation, other elements and few labels.

  npm run transfer -- [options]

  --base DIR     a model that never saw a FEFF10 spectrum, trained by
                 npm run train -- --leave-out li-x-coo2,battery-feff10,battery-extended --epochs 30 --batch 128 --rate 0.002 \\
                   --id base --out .cache/models/base
                 (default: .cache/models/base)
  --without DIR  a model that never met ${NEW_ELEMENTS.join(' or ')}, trained by
                 node --import tsx workbench/transfer/base.ts
                 (default: .cache/models/without-${NEW_ELEMENTS.join('-')})
  --model DIR    the shipped model, for the series; the models of its cross-fit lie in .cache/cross-fit (default: models/spt)
  --data FOLDER  default as for train
  --help

What it trains stays in .cache/transfer: it goes on where it was broken off, and trains nothing twice.
Writes docs/tables/transfer.md, docs/images/few-shot.svg and docs/images/li-x-coo2.svg.`;

const SETS = ['battery-feff10', 'battery-extended'];
const SCRATCH = '.cache/transfer';

const HEAD = `# Other calculations, other elements, few labels

Made by \`npm run transfer\`; its --help tells how the models were trained that it starts from. Noise-free spectra, plain predictions;
weighted F1 of classes, R2 of NNRS, MOOD and NNOSM.

`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      base: { type: 'string', default: '.cache/models/base' },
      without: { type: 'string', default: `.cache/models/without-${NEW_ELEMENTS.join('-')}` },
      model: { type: 'string', default: 'models/spt' },
      data: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  requireModels([flags.base, flags.without, flags.model]);
  requireModels([unseenFamilyOf(flags.model)]);
  const folders = dataFolders(flags);
  const data = readTrainingData(folders);
  const shippedLearned = learnedOf(flags.model, data);
  const base = openBundle(flags.base, { gate: 'optional' }).manifest;
  const seen = (base.training.files ?? []).filter(({ file }) => SETS.some((set) => file.startsWith(set)));
  if (seen.length > 0)
    throw new FatalError(`Expected --base never to have seen ${SETS.join(' or ')}: see --help`);
  const sites = SETS.flatMap((name) => {
    const { train, val, test } = data.sets.get(name) ?? { train: [], val: [], test: [] };
    return [...train, ...val, ...test].filter(({ element }) => element !== 'Li');
  });
  const series = readSites('data/li-x-coo2/series.jsonl');

  const sections = [
    await fewLabels(flags.base, sites, SCRATCH),
    await newElements(flags.without, data, SCRATCH),
    await alongSeries(flags.base, flags.model, series, shippedLearned, SCRATCH),
  ];
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/transfer.md', HEAD + sections.join('\n'));
});

function learnedOf(model: string, data: ReturnType<typeof readTrainingData>) {
  const { training } = openBundle(model, { gate: 'optional' }).manifest;
  return learnedBy(dataOf(data, training), training);
}

function requireModels(directories: readonly string[]): void {
  const missing = directories.filter((directory) => !existsSync(directory));
  if (missing.length > 0) throw new FatalError(`Expected a model in ${missing.join(', ')}: see --help`);
}
