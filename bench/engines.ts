import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';
import { parseFlags } from '../scripts/parse-flags.ts';
import { runCommand } from '../scripts/run-command.ts';
import type { ModelInput } from '../src/messages/prepared.ts';
import { type EngineName, loadModel, pack } from '../src/model/load-model.ts';
import { resolveTensorflow } from '../src/model/load-tensorflow.ts';
import { readManifest, readWeights } from '../src/model/manifest.ts';
import { network } from '../src/model/network.ts';
import type { NetworkConfig } from '../src/model/network-config.ts';
import type { Ops } from '../src/model/ops.ts';
import { seededRandom } from '../src/model/random.ts';
import { type Tf, tfjsOps } from '../src/model/tfjs-ops.ts';

const SIZES = [1, 16, 64, 256];
const SECONDS = 2;

const HELP = `How long each engine takes, a lone scan and batches of ${SIZES.slice(1).join(', ')}, side by side in one run. Ratios are to onnxruntime on
one scan at a time.

  node --import tsx bench/engines.ts [MODEL …] [--help]

MODEL is the folder of a model (default: weights/spt).`;

await runCommand(async () => {
  const { values: flags, positionals } = parseFlags({
    options: { help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (flags.help) return console.log(HELP);
  for (const directory of positionals.length > 0 ? positionals : ['weights/spt']) await compare(directory);
  console.log('\np50 / p99 of a call with that many scans, scans per second at the p50, ratio of the rate');
});

async function compare(directory: string): Promise<void> {
  const { id, network: config } = readManifest(directory);
  console.log(`\n${id}: ${(countFlops(directory) / 1e6).toFixed(2)} MFLOP a spectrum`);
  console.log(`${'engine'.padEnd(14)}${SIZES.map((size) => `batch ${size}`.padStart(34)).join('')}`);
  let base: number | null = null;
  for (const engine of engines()) {
    const model = await loadModel({ directory, engine });
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
    console.log(`${engine.padEnd(14)}${cells.join('')}`);
    await model.close();
  }
}

function engines(): EngineName[] {
  const native = (['tfjs-node', 'tfjs-node-gpu'] as const).filter((name) => {
    return resolveTensorflow(`@tensorflow/${name}`) !== null;
  });
  return ['onnxruntime', ...native.slice(0, 1), 'tfjs'];
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
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Multiplications and additions of the convolutions and matrix products for one spectrum, counted on the tensors themselves. */
function countFlops(directory: string): number {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as Tf;
  tf.enableProdMode();
  require('@tensorflow/tfjs-backend-cpu');
  const manifest = readManifest(directory);
  const weights = readWeights(directory, manifest);
  const { mu, mask, element } = pack(randomInputs(manifest.network, 1), manifest.network);
  let flops = 0;
  tf.tidy(() => {
    const plain = tfjsOps(tf, { parameter: (name, shape) => tf.tensor(weights.get(name)!, [...shape]) });
    const counted = (y: tfjs.Tensor, terms: number) => {
      flops += 2 * y.size * terms;
      return y;
    };
    const ops: Ops<tfjs.Tensor> = {
      ...plain,
      matMul: (x, y) => counted(plain.matMul(x, y), x.shape.at(-1)!),
      conv1d: (x, k, b) => counted(plain.conv1d(x, k, b), k.shape[0]! * k.shape[1]!),
      conv2d: (x, k, b) => counted(plain.conv2d(x, k, b), k.shape[0]! * k.shape[1]! * k.shape[2]!),
    };
    network(
      ops,
      {
        mu: tf.tensor(mu, [1, mu.length]),
        mask: tf.tensor(mask, [1, mask.length]),
        element: tf.tensor(element, [1, element.length]),
      },
      manifest.network,
    );
  });
  return flops;
}
