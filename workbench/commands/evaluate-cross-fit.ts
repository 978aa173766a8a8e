import { mkdirSync, writeFileSync } from 'node:fs';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/errors.ts';
import { DESCRIPTOR_NAMES } from '../../src/messages/descriptor-names.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { type Site, toInput } from '../data/dataset.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { plainScore, scoreDescriptors } from '../evaluation/score.ts';
import { crossFitFolder, foldOfSite } from '../training/cross-fit.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Scores the models of a cross-fit, each on the materials (or families) that it has not seen, by set and element.

  npm run workbench -- evaluate-cross-fit [options]

  --model DIR    the model that was trained with --cross-fit (default: models/spt)
  --data FOLDER  default as for train
  --help

Writes docs/tables/cross-fit.md, and the figures of whole sets as docs/tables/cross-fit.json. Plain predictions on noise-free spectra;
decoded labels are not scored.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'models/spt' },
      data: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { id, training } = openBundle(flags.model, { gate: 'optional' }).manifest;
  if (training.crossFit !== true)
    throw new FatalError(`Expected ${flags.model} to be trained with --cross-fit`);
  const data = dataOf(readTrainingData(dataFolders(flags)), training);
  const learned = new Set(learnedBy(data, training));
  const sites = [...data.sets].flatMap(([set, { train, val, test }]) =>
    [...train, ...val, ...test].flatMap((site) => (learned.has(site) ? [{ set, site }] : [])),
  );
  const answered: { set: string; site: Site; prediction: Prediction }[] = [];
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const model = await loadModel(openBundle(crossFitFolder(id, fold), { gate: 'optional' }), {
      engine: 'auto',
    });
    const { references, grid } = model.manifest;
    const own = sites.flatMap(({ set, site }) => {
      const reference = references.find(({ element }) => element === site.element);
      if (site.decoded || reference === undefined || foldOfSite(site) !== fold) return [];
      const input = toInput(site, reference, grid);
      return input === null ? [] : [{ set, site, input }];
    });
    const predictions = await model.predict(own.map(({ input }) => input));
    await model.close();
    own.forEach(({ set, site }, i) => {
      answered.push({ set, site, prediction: predictions[i]! });
    });
  }
  const groups = new Map<string, typeof answered>();
  for (const each of answered) {
    const { set, site } = each;
    const metals = site.element === 'O' || set === 'cu-feff9' ? [] : [`${set}, metals`];
    for (const name of [set, `${set}, ${site.element}`, ...metals])
      groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const scored = [...groups].sort().map(([name, own]) => {
    const scores = scoreDescriptors(
      own.map(({ prediction }) => prediction),
      own.map(({ site }) => site.labels),
    );
    const figures = scores.map((score) => {
      return [score.name, Number(plainScore(score).toFixed(3))] as const;
    });
    return { name, sites: own.length, figures: Object.fromEntries(figures) };
  });
  const rows = scored.map(({ name, sites, figures }) => {
    const cells = DESCRIPTOR_NAMES.map((descriptor) => figures[descriptor]?.toFixed(3) ?? '');
    return `| ${[name, sites, ...cells].join(' | ')} |`;
  });
  const sets = scored.filter(({ name }) => data.sets.has(name));
  const crossFit = Object.fromEntries(sets.map(({ name, sites, figures }) => [name, { sites, ...figures }]));
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/cross-fit.json', `${JSON.stringify({ model: id, sets: crossFit }, null, 2)}\n`);
  writeFileSync(
    'docs/tables/cross-fit.md',
    [
      `# ${id}: materials and families not seen`,
      '',
      'Made by `npm run evaluate-cross-fit`. Each site is judged by the one of five models that saw no site of its material (cu-feff9,',
      'tm-feff9) or prototype family (battery-feff10). Noise-free; weighted F1 of classes, R2 of reals (which means little where the true',
      'values hardly differ, or sites are few). Of tm-feff9 the sites with true labels alone.',
      '',
      `| set | sites | ${DESCRIPTOR_NAMES.join(' | ')} |`,
      `|---|---|${'---|'.repeat(DESCRIPTOR_NAMES.length)}`,
      ...rows,
      '',
    ].join('\n'),
  );
  console.log(rows.join('\n'));
}
