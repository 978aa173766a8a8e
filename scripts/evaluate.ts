import { parseArgs } from 'node:util';
import type { Prediction } from '../src/messages/prediction.ts';
import { readSites, type Site, toInput } from '../src/model/dataset.ts';
import { type EngineName, loadModel } from '../src/model/load-model.ts';
import { perturb } from '../src/model/perturb.ts';
import { seededRandom } from '../src/model/random.ts';
import { type DescriptorScore, expectedOf, overallScore, scoreDescriptors } from '../src/model/score.ts';

const HELP = `Scores the model on computed spectra with known labels.

  npm run -s evaluate -- --data FILE [options]

  --data FILE     sites as JSON lines, .jsonl or .jsonl.gz
  --families A,B  only these families of battery-feff10; val or test: those that training kept for it
  --model DIR     default weights/spt
  --engine NAME   auto, onnxruntime, tfjs-node, tfjs-node-gpu or tfjs (default auto)
  --noise S       white noise on each point of mu, standard deviation (default 0)
  --gain G        mu times 1 + G: a wrong edge step (default 0)
  --tilt T        mu times 1 + T at 100 eV above the edge (default 0)
  --shift EV      eV added to the energies (default 0)
  --seed N        of the noise (default 1)
  --json          one JSON object instead of a table
  --help

Sites of elements that the model does not know, sites that do not cover its grid and sites whose labels were decoded
instead of established are left out and counted.`;

const { values: flags } = parseArgs({
  args: process.argv.slice(2).reduce(joinNegative, []),
  options: {
    data: { type: 'string' },
    families: { type: 'string' },
    model: { type: 'string', default: 'weights/spt' },
    engine: { type: 'string', default: 'auto' },
    noise: { type: 'string', default: '0' },
    gain: { type: 'string', default: '0' },
    tilt: { type: 'string', default: '0' },
    shift: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) console.log(HELP);
else if (flags.data === undefined) {
  console.error('Expected --data FILE: see --help');
  process.exitCode = 2;
} else await evaluate(flags.data);

async function evaluate(file: string): Promise<void> {
  const model = await loadModel({ directory: flags.model, engine: flags.engine as 'auto' | EngineName });
  const { references, grid } = model.manifest;
  const perturbation = {
    noise: numberFlag('noise'),
    gain: numberFlag('gain'),
    tilt: numberFlag('tilt'),
    shiftEv: numberFlag('shift'),
  };
  const random = seededRandom(numberFlag('seed'));

  const families = familiesOf(flags.families, model.manifest.training);
  const sites = readSites(file).filter(({ group }) => families === null || families.includes(group));
  const leftOut = { element: 0, decoded: 0, coverage: 0 };
  const used = sites.flatMap((site) => {
    const reference = references.find(({ element }) => element === site.element);
    if (reference === undefined) leftOut.element++;
    else if (site.decoded) leftOut.decoded++;
    else {
      const input = toInput(perturb(site, perturbation, reference.referenceEv, random), reference, grid);
      if (input !== null) return [{ site, input }];
      leftOut.coverage++;
    }
    return [];
  });
  if (used.length === 0)
    throw new Error(`Expected spectra that the model can read in ${file}, got none of ${sites.length}`);
  const predictions = await model.predict(used.map(({ input }) => input));
  await model.close();

  const scores = scoreDescriptors(
    predictions,
    used.map(({ site }) => site.labels),
  );
  const series = meanOxidationStates(
    used.map(({ site }) => site),
    predictions,
  );
  if (flags.json) {
    const { id, hash, engine } = model.identity;
    const descriptors = Object.fromEntries(scores.map(({ name, ...score }) => [name, score]));
    const result = { file, model: { id, hash, engine }, perturbation, used: used.length, leftOut };
    console.log(
      JSON.stringify({ ...result, overall: overallScore(scores), descriptors, meanOxidationStates: series }),
    );
    return;
  }
  console.log(`${file}: ${used.length} of ${sites.length} sites (left out: ${JSON.stringify(leftOut)})`);
  console.log(`${model.identity.id} on ${model.identity.engine}, ${JSON.stringify(perturbation)}\n`);
  console.log(table(scores));
  console.log(`\nmean of weighted F1 and R2: ${overallScore(scores).toFixed(3)}`);
  for (const { truth, predicted, sites: count } of series) {
    console.log(
      `mean oxidation state ${truth.toFixed(3)}  predicted ${predicted.toFixed(3)}  (${count} sites)`,
    );
  }
}

/** The families that were asked for, or null for every site. */
function familiesOf(
  flag: string | undefined,
  training: Readonly<Record<string, unknown>>,
): readonly string[] | null {
  if (flag === undefined) return null;
  const kept = training.batteryFamilies as Record<string, readonly string[]> | undefined;
  return kept?.[flag] ?? flag.split(',');
}

/** For a series of mixtures: sites that share a composition are averaged, as a measurement of it would. */
function meanOxidationStates(sites: readonly Site[], predictions: readonly Prediction[]) {
  const groups = new Map<number, number[]>();
  sites.forEach(({ meanOxidationState }, i) => {
    const output = predictions[i]!.outputs.OS;
    if (meanOxidationState === null || output === undefined) return;
    groups.set(meanOxidationState, [...(groups.get(meanOxidationState) ?? []), expectedOf(output)]);
  });
  return [...groups].map(([truth, values]) => {
    const predicted = values.reduce((a, b) => a + b, 0) / values.length;
    return { truth, predicted, sites: values.length };
  });
}

function table(scores: readonly DescriptorScore[]): string {
  const rows = scores.map((s) => {
    const figures =
      s.kind === 'class'
        ? [s.model.weightedF1, s.model.macroF1, s.model.accuracy, s.majority.weightedF1, s.majority.accuracy]
        : [s.model.r2, null, s.model.mae, s.mean.r2, s.mean.mae];
    const cells = figures.map((figure) => (figure === null ? '-' : figure.toFixed(3)).padStart(9));
    return `${s.name.padEnd(5)} ${s.kind.padEnd(5)} ${String(s.model.count).padStart(5)} ${cells.join(' ')}`;
  });
  const head = '                  F1 or R2  macro F1  acc, MAE  majority  acc, MAE';
  return [head, ...rows].join('\n');
}

function numberFlag(name: 'noise' | 'gain' | 'tilt' | 'shift' | 'seed'): number {
  const value = Number(flags[name]);
  if (flags[name] !== '' && Number.isFinite(value)) return value;
  throw new RangeError(`Expected --${name} to be a number, got ${flags[name]}`);
}

/** `--shift -0.5` as `--shift=-0.5`: parseArgs takes a value that begins with a dash for an option. */
function joinNegative(joined: readonly string[], argument: string): string[] {
  const last = joined.at(-1);
  if (last === undefined || !/^--\w+$/.test(last) || !/^-[\d.]/.test(argument)) return [...joined, argument];
  return [...joined.slice(0, -1), `${last}=${argument}`];
}
