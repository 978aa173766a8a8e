import { openBundle } from '../src/bundle/bundle.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { MEAN_NAMES, type SiteMeans } from '../src/messages/prediction.ts';
import type { ModelInput } from '../src/messages/prepared.ts';
import { ENGINE_NAMES, type EngineName } from '../src/model/engine.ts';
import { loadModel, type Model } from '../src/model/load-model.ts';
import { resolveTensorflow } from '../src/model/load-tensorflow.ts';
import type { NetworkConfig } from '../src/model/network-config.ts';
import { seededRandom } from '../workbench/data/random.ts';
import { likeliest } from '../workbench/evaluation/score.ts';
import { listFlag } from '../workbench/list-flag.ts';
import { nameFlags } from '../workbench/name-flags.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { megaflop } from '../workbench/report/number-formats.ts';
import { median, quantile } from '../workbench/report/statistics.ts';
import { countFlops } from '../workbench/training/count-flops.ts';

const SIZES = '1,16,64,256';
const SECONDS = 2;
/** So many answers are compared. */
const COMPARED = 1000;

const HELP = `How long each engine takes, a lone scan and batches, side by side in one run; of those that are not
here it says why. Ratios are to onnxruntime on one scan at a time. The last column: how far ${COMPARED} answers are
from those of the first engine, relative above 1.

  node --import tsx bench/engines.ts [options]

  --model NAME|DIR  a folder under models/, or any other; several times for several (default: spt)
  --engines LIST    of ${ENGINE_NAMES.join(', ')} (default: all but one of tfjs-node and tfjs-node-gpu)
  --sizes LIST      scans of a batch (default: ${SIZES})
  --help`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', multiple: true, default: ['spt'] },
      engines: { type: 'string' },
      sizes: { type: 'string', default: SIZES },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const names = flags.engines === undefined ? engines() : nameFlags('engines', flags.engines, ENGINE_NAMES);
  const sizes = listFlag('sizes', flags.sizes).map((size) => wholeNumber('sizes', size));
  for (const model of flags.model) await compare(modelFolder(model), names, sizes);
  console.log('\np50 / p99 of a call with that many scans, scans per second at the p50, ratio of the rate');
});

async function compare(
  directory: string,
  names: readonly EngineName[],
  sizes: readonly number[],
): Promise<void> {
  const bundle = openBundle(directory);
  const { id, network: config } = bundle.manifest;
  console.log(`\n${id}: ${megaflop(countFlops(config))} a spectrum`);
  console.log(`${'engine'.padEnd(20)}${sizes.map((size) => `batch ${size}`.padStart(34)).join('')}`);
  let base: number | null = null;
  let first: readonly Answer[] | null = null;
  for (const engine of names) {
    const model = await loadModel(bundle, { engine }).catch((error: Error) => error);
    if (model instanceof Error) {
      console.log(`${engine.padEnd(20)} not here: ${model.message.split('\n')[0]}`);
      continue;
    }
    const cells: string[] = [];
    const answers = engine === 'tfjs' ? null : await answersOf(model, config);
    first ??= answers;
    for (const size of sizes) {
      if (engine === 'tfjs' && size > 16) continue; // minutes
      const inputs = randomInputs(config, size);
      const { p50, p99 } = await time(() => model.predict(inputs));
      base ??= 1000 / p50;
      const rate = (1000 * size) / p50;
      cells.push(
        `${p50.toFixed(2)} / ${p99.toFixed(2)} ms ${rate.toFixed(0)}/s x${(rate / base).toFixed(1)}`.padStart(
          34,
        ),
      );
    }
    const apart = answers === null ? '' : `  ${apartText(answers, first!)}`;
    console.log(`${engine.padEnd(20)}${cells.join('')}${apart}`);
    await model.close();
  }
}

/** All numbers of a prediction, and the most probable class of each descriptor. */
type Answer = { readonly numbers: readonly number[]; readonly classes: readonly number[] };

async function answersOf(model: Model, config: NetworkConfig): Promise<readonly Answer[]> {
  const predictions = await model.predict(randomInputs(config, COMPARED));
  return predictions.map(({ outputs, embedding, siteMeans }) => {
    const all = Object.values(outputs).map((each) =>
      each.kind === 'real' ? [each.mean, each.sigma] : [...each.probabilities],
    );
    const means = siteMeans === undefined ? [] : MEAN_NAMES.map((name) => meanNumbers(siteMeans[name]));
    const classes = Object.values(outputs).flatMap((each) => (each.kind === 'real' ? [] : [likeliest(each)]));
    return { numbers: [...embedding, ...all.flat(), ...means.flat()], classes };
  });
}

function meanNumbers({ shares, within, mean, sigma }: SiteMeans['OS']): readonly number[] {
  return [...shares, ...within, mean, sigma];
}

function apartText(answers: readonly Answer[], first: readonly Answer[]): string {
  let [largest, others] = [0, 0];
  for (const [i, { numbers, classes }] of answers.entries()) {
    const known = first[i]!;
    for (const [k, value] of numbers.entries()) {
      const scale = Math.max(1, Math.abs(known.numbers[k]!));
      largest = Math.max(largest, Math.abs(value - known.numbers[k]!) / scale);
    }
    others += classes.filter((each, k) => each !== known.classes[k]).length;
  }
  return `${largest.toExponential(1)}, ${others} other classes`;
}

function engines(): EngineName[] {
  const native = (['tfjs-node', 'tfjs-node-gpu'] as const).filter((name) => {
    return resolveTensorflow(`@tensorflow/${name}`) !== null;
  });
  return ['onnxruntime', 'onnxruntime-webgpu', 'onnxruntime-cuda', ...native.slice(0, 1), 'tfjs'];
}

function randomInputs({ offsetsEv, elements }: NetworkConfig, size: number): ModelInput[] {
  const random = seededRandom(1);
  return Array.from({ length: size }, (_, i) => ({
    element: elements[i % elements.length]!,
    edge: 'K',
    mu: Float32Array.from(offsetsEv, (offset) => 1 / (1 + Math.exp(-offset)) + 0.02 * random.normal()),
    mask: new Float32Array(offsetsEv.length).fill(1),
  }));
}

async function time(call: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  for (let i = 0; i < 3; i++) await call();
  const times: number[] = [];
  const endAt = performance.now() + 1000 * SECONDS;
  do {
    const startedAt = performance.now();
    await call();
    times.push(performance.now() - startedAt);
  } while (performance.now() < endAt || times.length < 5);
  return { p50: median(times), p99: quantile(times, 0.99) };
}
