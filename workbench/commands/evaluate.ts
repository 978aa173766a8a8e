import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/errors.ts';
import type { EngineName } from '../../src/model/load-model.ts';
import type { TrainingRecord } from '../../src/model/training-record.ts';
import { sha256 } from '../../src/sha256.ts';
import { readSites } from '../data/dataset.ts';
import type { Perturbation } from '../data/perturb.ts';
import { judgeSites, loadProcessor } from '../evaluation/judge-sites.ts';
import { resultOf } from '../evaluation/result.ts';
import { resultText } from '../evaluation/result-text.ts';
import { setName } from '../evaluation/set-name.ts';
import { CONDITIONS, writeSweep } from '../evaluation/sweep.ts';
import { writeAnswerPlots } from '../evaluation/write-answer-plots.ts';
import { number, wholeNumber } from '../number-flags.ts';

const HELP = `Scores what the processor says of computed spectra with known labels: its own preparation, model and gate.

  npm run -s evaluate -- --data FILE [options]

  --data FILE     sites as JSON lines, .jsonl or .jsonl.gz
  --json          one JSON object and nothing else on standard output
  --model NAME    a folder under models/, or any other (default: spt)
  --level L       coverage of the stated intervals, within those of the gate's table (default: what is published)
  --families A,B  only these families; val or test: those that training kept for it
  --engine NAME   auto, onnxruntime, tfjs-node, tfjs-node-gpu or tfjs (default: auto)

What is done to each spectrum before all else:
  --noise SIGMA   white noise on each point of mu, standard deviation (default: 0)
  --gain G        mu times G: a wrong edge step (default: 1)
  --tilt T        T x (E - E0) / 100 eV added to mu (default: 0)
  --shift EV      eV added to the energies (default: 0)
  --end EV        points more than so many eV above E0 are left out (default: none)
  --seed N        of the noise (default: 1)
  --draws N       copies of each site, with noise of their own (default: 1; 3 in a sweep)

Figures:
  --plots DIR     confusion matrices of classes, predicted against true reals, as SVG
  --sweep         all of ${CONDITIONS.length} noise levels and distortions: OUT/tables/sweep-….md and OUT/images/sweep-….svg
  --out DIR       default: docs
  --help

Sites that the processor would refuse (an element that the model does not know, a spectrum that cannot be prepared) are
counted, not scored. Labels that were decoded instead of established are never scored; null is no label.`;

const FLAGS = {
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  model: { type: 'string', default: 'spt' },
  level: { type: 'string' },
  families: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  noise: { type: 'string', default: '0' },
  gain: { type: 'string', default: '1' },
  tilt: { type: 'string', default: '0' },
  shift: { type: 'string', default: '0' },
  end: { type: 'string' },
  seed: { type: 'string', default: '1' },
  draws: { type: 'string' },
  plots: { type: 'string' },
  sweep: { type: 'boolean', default: false },
  out: { type: 'string', default: 'docs' },
  help: { type: 'boolean', default: false },
} as const;

const ANY = Number.NEGATIVE_INFINITY;

export async function run(args: readonly string[]): Promise<void> {
  const joined = args.reduce(joinNegative, [] as string[]);
  const { values: flags } = parseFlags({ args: joined, options: FLAGS });
  if (flags.help) return console.log(HELP);
  if (flags.data === undefined) throw new FatalError('Expected --data FILE: see --help');

  const perturbation: Perturbation = {
    noise: number('noise', flags.noise, 0),
    factor: number('gain', flags.gain, ANY),
    tilt: number('tilt', flags.tilt, ANY),
    shiftEv: number('shift', flags.shift, ANY),
    ...(flags.end !== undefined && { endEv: number('end', flags.end, 0) }),
  };
  const seed = number('seed', flags.seed, ANY);
  const draws = wholeNumber('draws', flags.draws ?? (flags.sweep ? '3' : '1'));
  const level = flags.level === undefined ? null : number('level', flags.level, ANY);
  const all = readSites(flags.data);
  const processor = await loadProcessor(flags.model, flags.engine as 'auto' | EngineName, level);
  if (processor.gate === null)
    console.error(
      `${flags.model} has no gate table: run npm run calibrate; shares and intervals are left out`,
    );

  const { id, training } = processor.model.manifest;
  if (learnedFrom(flags.data, training))
    console.error(`${id} has learned from this file, in whole or in part: figures on it flatter`);

  const families = familiesOf(flags.families, training);
  const wanted = all.filter(({ group }) => families === null || families.includes(group));
  if (wanted.length === 0) {
    const of = families === null ? '' : ` of families ${families.join(', ')}`;
    throw new FatalError(`Expected sites in ${flags.data}${of}, got none of ${all.length}`);
  }
  const sites = wanted.filter(({ decoded }) => !decoded);
  const decoded = wanted.length - sites.length;
  if (decoded > 0) console.error(`${decoded} of ${wanted.length} sites have decoded labels: never scored`);

  const set = setName(flags.data, flags.families);
  const about = { processor, set, decoded, seed, draws };
  if (flags.sweep) {
    const file = `…/${basename(dirname(resolve(flags.data)))}/${basename(flags.data)}`;
    const sweep = await writeSweep({ ...about, file, model: flags.model, sites, out: flags.out });
    console.log(flags.json ? JSON.stringify(sweep.results) : sweep.files.join('\n'));
  } else {
    const answers = await judgeSites(processor, sites, perturbation, seed, draws);
    const result = resultOf(answers, { ...about, perturbation });
    console.log(flags.json ? JSON.stringify(result) : resultText(result));
    if (flags.plots !== undefined) {
      const files = await writeAnswerPlots(flags.plots, answers.answers, `${flags.model} on ${set}`);
      console.error(files.join('\n'));
    }
  }
  await processor.model.close();
}

/** Whether the very file was among the training data, and not as a test part that was kept back. */
function learnedFrom(file: string, { files = [], allOf = [] }: TrainingRecord): boolean {
  const hash = sha256(readFileSync(file));
  const same = files.find((each) => each.sha256 === hash);
  if (same === undefined) return false;
  const [set, name] = same.file.split('/') as [string, string];
  return !name.startsWith('test') || allOf.includes(set);
}

/** The families that were asked for, or null for every site. */
function familiesOf(flag: string | undefined, { families }: TrainingRecord): readonly string[] | null {
  if (flag !== 'val' && flag !== 'test') return flag?.split(',') ?? null;
  if (families !== undefined) return families[flag];
  throw new FatalError(
    `Expected the manifest to name the families kept for ${flag}: give --families their names`,
  );
}

/** `--shift -0.5` as `--shift=-0.5`: parseArgs takes a value that begins with a dash for an option. */
function joinNegative(joined: readonly string[], argument: string): string[] {
  const last = joined.at(-1);
  if (last === undefined || !/^--\w+$/.test(last) || !/^-[\d.]/.test(argument)) return [...joined, argument];
  return [...joined.slice(0, -1), `${last}=${argument}`];
}
