import { openBundle } from '../src/bundle.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import type { ModelInput } from '../src/messages/prepared.ts';
import type { EngineName } from '../src/model/engine.ts';
import { loadModel } from '../src/model/load-model.ts';
import { resolveTensorflow } from '../src/model/load-tensorflow.ts';
import type { NetworkConfig } from '../src/model/network-config.ts';
import { seededRandom } from '../workbench/data/random.ts';
import { megaflop } from '../workbench/report/number-formats.ts';
import { median, quantile } from '../workbench/report/statistics.ts';
import { countFlops } from '../workbench/training/count-flops.ts';

const SIZES = [1, 16, 64, 256];
const SECONDS = 2;

const HELP = `How long each engine takes, a lone scan and batches of ${SIZES.slice(1).join(', ')}, side by side in one
run; of those that are not here it says why. Ratios are to onnxruntime on one scan at a time.

  node --import tsx bench/engines.ts [options]

  --model NAME|DIR  a folder under models/, or any other; several times for several (default: spt)
  --help`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', multiple: true, default: ['spt'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  for (const model of flags.model) await compare(modelFolder(model));
  console.log('\np50 / p99 of a call with that many scans, scans per second at the p50, ratio of the rate');
});

async function compare(directory: string): Promise<void> {
  const bundle = openBundle(directory);
  const { id, network: config } = bundle.manifest;
  console.log(`\n${id}: ${megaflop(countFlops(config))} a spectrum`);
  console.log(`${'engine'.padEnd(20)}${SIZES.map((size) => `batch ${size}`.padStart(34)).join('')}`);
  let base: number | null = null;
  for (const engine of engines()) {
    const model = await loadModel(bundle, { engine }).catch((error: Error) => error);
    if (model instanceof Error) {
      console.log(`${engine.padEnd(20)} not here: ${model.message.split('\n')[0]}`);
      continue;
    }
    const cells: string[] = [];
    for (const size of SIZES) {
      if (engine === 'tfjs' && size > 16) continue; // minutes
      const { p50, p99 } = await time(() => model.predict(randomInputs(config, size)));
      base ??= 1000 / p50;
      const rate = (1000 * size) / p50;
      cells.push(
        `${p50.toFixed(2)} / ${p99.toFixed(2)} ms ${rate.toFixed(0)}/s x${(rate / base).toFixed(1)}`.padStart(
          34,
        ),
      );
    }
    console.log(`${engine.padEnd(20)}${cells.join('')}`);
    await model.close();
  }
}

function engines(): EngineName[] {
  const native = (['tfjs-node', 'tfjs-node-gpu'] as const).filter((name) => {
    return resolveTensorflow(`@tensorflow/${name}`) !== null;
  });
  return ['onnxruntime', 'onnxruntime-webgpu', ...native.slice(0, 1), 'tfjs'];
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
