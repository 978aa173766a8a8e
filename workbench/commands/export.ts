import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { bundleLines, writeBundle } from '../bundle/write-bundle.ts';
import { countFlops } from '../training/count-flops.ts';
import { exportOnnx } from '../training/save-model.ts';

const HELP = `Writes a model as ONNX (opset 18), for runtimes other than ours.

  npm run workbench -- export [options]

  --model DIR   default models/spt
  --out FILE    default: model.onnx in --model
  --help

Inputs, float32: mu [batch, bins] on the grid of the manifest (0 where not measured), mask [batch, bins] (1 measured, 0 not),
element [batch, elements] (one-hot, in the manifest's order). Normalisation is inside the network. Outputs: probabilities
[batch, classes] of each class descriptor, mean and sigma [batch, 2] of each real, embedding [batch, features].`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'models/spt' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { manifest, weights } = openBundle(flags.model, { gate: 'optional' });
  const bytes = exportOnnx(manifest.network, weights);
  const file = flags.out ?? `${flags.model}/model.onnx`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  const { id, hash, network } = manifest;
  console.log(
    `${file}: ${id} (weights ${hash.slice(0, 12)}), ${bytes.length} bytes, ${(countFlops(network) / 1e6).toFixed(2)} MFLOP a spectrum; ` +
      `elements ${network.elements.join(', ')}; outputs ${[...Object.keys(network.classes), ...Object.keys(network.reals), 'embedding'].join(', ')}`,
  );
  if (flags.out !== undefined) return;
  const { leftOut, ...written } = writeBundle(flags.model);
  console.log(bundleLines(written, leftOut));
}
