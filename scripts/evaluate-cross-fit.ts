import { mkdirSync, writeFileSync } from 'node:fs';
import { FatalError } from '../src/errors.ts';
import { DESCRIPTOR_NAMES } from '../src/messages/descriptor-names.ts';
import type { Prediction } from '../src/messages/prediction.ts';
import { type Site, toInput } from '../src/model/dataset.ts';
import { CROSS_VALIDATION } from '../src/model/folds.ts';
import { loadModel } from '../src/model/load-model.ts';
import { readManifest } from '../src/model/manifest.ts';
import { scoreDescriptors } from '../src/model/score.ts';
import { dataOf, readTrainingData } from '../src/model/training-data.ts';
import { parseFlags } from './parse-flags.ts';
import { crossFitFolder, foldOfSite } from './training/cross-fit.ts';
import { dataFolders } from './training/flags.ts';
import { runCommand } from './training/run-command.ts';

const HELP = `Scores the models of a cross-fit, each on the materials (or families) that it has not seen, by set and element.

  npm run evaluate-cross-fit -- [options]

  --model DIR    the model that was trained with --cross-fit (default: weights/spt)
  --data FOLDER  default as for train
  --help

Writes docs/tables/cross-fit.md. Plain predictions on noise-free spectra; decoded labels are not scored.`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', default: 'weights/spt' },
      data: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { id, training } = readManifest(flags.model);
  if (training.crossFit !== true)
    throw new FatalError(`Expected ${flags.model} to be trained with --cross-fit`);
  const allOf = training.allOf as readonly string[];
  const { sets } = dataOf(readTrainingData(dataFolders(flags)), training);
  const sites = [...sets].flatMap(([set, { train, val, test }]) =>
    [...train, ...val, ...(allOf.includes(set) ? test : [])].map((site) => ({ set, site })),
  );
  const answered: { set: string; site: Site; prediction: Prediction }[] = [];
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const model = await loadModel({ directory: crossFitFolder(id, fold), engine: 'auto' });
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
    for (const name of [each.set, `${each.set}, ${each.site.element}`])
      groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const rows = [...groups].sort().map(([name, own]) => {
    const scores = scoreDescriptors(
      own.map(({ prediction }) => prediction),
      own.map(({ site }) => site.labels),
    );
    const cells = DESCRIPTOR_NAMES.map((descriptor) => {
      const score = scores.find((s) => s.name === descriptor);
      if (score === undefined) return '';
      return (score.kind === 'class' ? score.model.weightedF1 : score.model.r2).toFixed(3);
    });
    return `| ${[name, own.length, ...cells].join(' | ')} |`;
  });
  mkdirSync('docs/tables', { recursive: true });
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
});
