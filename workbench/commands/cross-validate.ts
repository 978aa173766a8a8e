import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { FatalError } from '../../src/errors.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { ARCHITECTURES, type Architecture } from '../../src/model/network-config.ts';
import { readCuSites } from '../comparison/cu-sites.ts';
import { readComparison, writeComparison } from '../comparison/fold-scores.ts';
import { scoresOf } from '../comparison/scores-of.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { countFlops } from '../training/count-flops.ts';
import { makeTrainingPlan } from '../training/make-training-plan.ts';
import { consoleProgress } from '../training/progress.ts';
import { RECIPE, type TrainingPlan, trainModel } from '../training/train-model.ts';

const HELP = `Cross-validates our networks by material on cu-feff9, all with one recipe, and writes bench/comparison/<name>.json.

  npm run cross-validate -- [options]

  --architecture NAME  ${ARCHITECTURES.join(', ')} (default: spt)
  --experts            a network for each descriptor, in place of one for all
  --name NAME          of the scores (default: the architecture, -experts if so)
  --epochs N           default 40
  --rate R             peak learning rate (default ${RECIPE.learningRate})
  --channels N         default 32
  --features N         default 128
  --folds A,B          only these (default: all ${CROSS_VALIDATION.folds}); folds that are there already are kept
  --data FOLDER        holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --help

Then \`node --import tsx workbench/comparison/table.ts\` writes the table.`;

const SCORES = 'bench/comparison';

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      architecture: { type: 'string', default: 'spt' },
      experts: { type: 'boolean', default: false },
      name: { type: 'string' },
      epochs: { type: 'string', default: '40' },
      rate: { type: 'string', default: String(RECIPE.learningRate) },
      channels: { type: 'string', default: '32' },
      features: { type: 'string', default: '128' },
      folds: { type: 'string' },
      data: { type: 'string', default: OMNIXAS },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const architecture = flags.architecture as Architecture;
  if (!ARCHITECTURES.includes(architecture))
    throw new FatalError(`Expected --architecture to be ${ARCHITECTURES.join(', ')}, got ${architecture}`);
  const model = flags.name ?? `${architecture}${flags.experts ? '-experts' : ''}`;
  const sites = readCuSites(flags.data);
  const progress = consoleProgress();
  const planOf = (fold: number, descriptors: readonly DescriptorName[]) =>
    makeTrainingPlan({
      id: `${model}-fold-${fold}`,
      seed: fold + 1,
      architecture,
      recipe: {
        ...RECIPE,
        epochs: wholeNumber('epochs', flags.epochs),
        learningRate: number('rate', flags.rate, 0),
      },
      size: {
        channels: wholeNumber('channels', flags.channels),
        features: wholeNumber('features', flags.features),
      },
      descriptors,
      train: sites.filter((site) => site.fold !== fold),
      val: [], // the last epoch is kept: nothing is chosen
      provenance: { fold },
      copiable: [],
    });
  /** Scores of a network on the fold that it did not see, by noise and descriptor; trained first. */
  async function trainAndScore(fold: number, plan: TrainingPlan, directory: string) {
    await trainModel(directory, plan, { resume: true, progress });
    const held = sites.filter((site) => site.fold === fold);
    const trained = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
    const scores = await scoresOf(trained, held, plan.references[0]!);
    await trained.close();
    return scores;
  }

  const whole = planOf(0, DESCRIPTOR_NAMES).network;
  const learned = DESCRIPTOR_NAMES.filter((name) => name in whole.classes || name in whole.reals);
  const groups = flags.experts ? learned.map((name) => [name]) : [learned];
  const cost = groups.reduce((sum, group) => sum + countFlops(planOf(0, group).network), 0);
  const mflop = Number((cost / 1e6).toFixed(2));
  const scored = existsSync(join(SCORES, `${model}.json`))
    ? [...readComparison(SCORES).find((each) => each.model === model)!.folds]
    : [];
  const wanted =
    flags.folds?.split(',').map(Number) ?? Array.from({ length: CROSS_VALIDATION.folds }, (_, i) => i);
  for (const fold of wanted) {
    if (scored.some((each) => each.fold === fold)) continue;
    const scores: Record<string, Record<string, number>> = {};
    for (const group of groups) {
      const part = flags.experts ? `-${group[0]}` : '';
      const directory = `.cache/cross-validation/${model}-${fold}${part}`;
      const found = await trainAndScore(fold, planOf(fold, group), directory);
      for (const [level, each] of Object.entries(found)) scores[level] = { ...scores[level], ...each };
    }
    scored.push({ fold, scores });
    progress.say(`${model}, fold ${fold}: ${JSON.stringify(scores.clean)}`);
    writeComparison(SCORES, { model, mflop, folds: scored });
  }
  writeComparison(SCORES, { model, mflop, folds: scored });
});
