import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { MADE_FILES } from '../../src/registry/bundle-json.ts';
import { bundleLines, writeBundle } from '../bundle/write-bundle.ts';
import { megaflop } from '../report/number-formats.ts';
import { countFlops } from '../training/count-flops.ts';
import { exportOnnx } from '../training/save-model.ts';
import { exportSiteMeans } from '../training/site-means/export-site-means.ts';

const HELP = `Writes a model as ONNX (opset 18): what ONNX Runtime computes here, and other runtimes elsewhere. Without
--out its network of site means is written anew too, as site-means.onnx.

  npm run workbench -- export [options]

  --model NAME|DIR  a folder under models/, or any other (default: spt)
  --out FILE        default: model.onnx in the model's folder
  --help

Inputs, float32: mu [batch, bins] on the grid of the manifest (0 where not measured), mask [batch, bins] (1 measured,
0 not), element [batch, elements] (one-hot, in the manifest's order). Normalisation is inside the network. Outputs:
probabilities [batch, classes] of each class descriptor, mean and sigma [batch, 2] of each real, embedding
[batch, features].`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'spt' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const folder = modelFolder(flags.model);
  const { manifest, weights, siteMeans, copperMeans } = openBundle(folder, { gate: 'optional' });
  const bytes = exportOnnx(manifest.network, weights);
  const file = flags.out ?? join(folder, 'model.onnx');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  const { id, hash, network } = manifest;
  const outputs = [...Object.keys(network.classes), ...Object.keys(network.reals), 'embedding'];
  console.log(
    `${file}: ${id} (weights ${hash.slice(0, 12)}), ${bytes.length} bytes, ${megaflop(countFlops(network))} a spectrum; ` +
      `elements ${network.elements.join(', ')}; outputs ${outputs.join(', ')}`,
  );
  if (flags.out !== undefined) return;
  for (const [made, means] of [
    ['site-means.json', siteMeans],
    ['copper-means.json', copperMeans],
  ] as const) {
    if (means === null) continue;
    const { onnx } = exportSiteMeans(means.config, means.weights);
    writeFileSync(join(folder, MADE_FILES[made].graph), onnx);
  }
  const { leftOut, ...written } = writeBundle(folder);
  console.log(bundleLines(written, leftOut));
}
