import { mkdirSync, writeFileSync } from 'node:fs';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FEFF10_SETS } from '../data/data-folders.ts';
import { everySite, readSites } from '../data/dataset.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { flaggedModel } from '../flagged-model.ts';
import { dataFolders } from '../training/flags.ts';
import { alongSeries } from '../transfer/along-series.ts';
import { drawTransfer } from '../transfer/draw-transfer.ts';
import { fewLabels } from '../transfer/few-labels.ts';
import { fewLabelsSection } from '../transfer/few-labels-section.ts';
import { named } from '../transfer/named.ts';
import { judgedSites, newElements } from '../transfer/new-elements.ts';
import { NEW_ELEMENTS, newElementsSection } from '../transfer/new-elements-section.ts';
import { SAME_FAMILY, seriesSection } from '../transfer/series-section.ts';
import { requireNeverSeen, unseenFamilyOf } from '../transfer/starting-models.ts';
import { transferPage } from '../transfer/transfer-page.ts';

const WITHOUT = `.cache/models/without-${NEW_ELEMENTS.join('-')}`;

const HELP = `What a trained model is worth on another calculation, other elements and few labels.

  npm run workbench -- transfer [options]

  --base NAME|DIR     a model that never saw a FEFF10 spectrum (default: .cache/models/base), trained by
                      npm run workbench -- train --leave-out li-x-coo2,${FEFF10_SETS.join()} \\
                        --trainer pytorch --epochs 30 --batch 128 --rate 0.002 --id base --out .cache/models/base
  --without NAME|DIR  a model that never met ${NEW_ELEMENTS.join(' or ')}, trained by
                      npm run workbench -- transfer-base --trainer pytorch (default: ${WITHOUT})
  --model NAME|DIR    the shipped model, for the series (default: spt); the models of its cross-fit lie in
                      .cache/cross-fit
  --data FOLDER       default as for train
  --help

What it trains stays in .cache/transfer: it goes on where it was broken off, and trains nothing twice.
Writes docs/tables/transfer.md, docs/images/few-shot.svg and docs/images/li-x-coo2.svg.`;

const SERIES = 'data/li-x-coo2/series.jsonl';
const SCRATCH = '.cache/transfer';

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      base: { type: 'string', default: '.cache/models/base' },
      without: { type: 'string', default: WITHOUT },
      model: { type: 'string', default: 'spt' },
      data: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const base = await flaggedModel(flags.base, 'base');
  const without = await flaggedModel(flags.without, 'without');
  const shipped = await flaggedModel(flags.model);
  const unseenFamily = unseenFamilyOf(shipped);
  requireNeverSeen(base, FEFF10_SETS);
  const data = readTrainingData(dataFolders(flags));
  const { training } = openBundle(shipped, { gate: 'optional' }).manifest;
  const learned = learnedBy(dataOf(data, training), training);
  const given = FEFF10_SETS.flatMap((name) => data.sets.get(name) ?? []).flatMap(everySite);
  const sites = given.filter(({ element }) => element !== 'Li');
  const judged = judgedSites(data, NEW_ELEMENTS);

  const few = await fewLabels(base, sites, SCRATCH);
  const ways = await newElements(without, data, judged, SCRATCH);
  const series = await alongSeries({ base, shipped, unseenFamily }, readSites(SERIES), SCRATCH);
  const sameFamily = learned.filter(({ element, group }) => element === 'Co' && group === SAME_FAMILY).length;
  const sections = [
    fewLabelsSection(few, sites, named(base)),
    newElementsSection(ways, judged, named(without)),
    seriesSection(series, { shipped: named(shipped), sameFamily }),
  ];
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/transfer.md', transferPage(sections));
  await drawTransfer({ rows: few, sites: sites.length }, series);
}
