import { join } from 'node:path';
import { openBundle } from '../src/bundle.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { FatalError } from '../src/errors.ts';
import { loadModel } from '../src/model/load-model.ts';
import { findNeighbours } from '../src/model/neighbour-index.ts';
import { OMNIXAS } from '../workbench/data/data-folders.ts';
import { readSites, toInput } from '../workbench/data/dataset.ts';
import { seededRandom } from '../workbench/data/random.ts';
import { countFlops } from '../workbench/training/count-flops.ts';

const HELP = `What the neighbour index of a model costs a spectrum, beside its network: each spectrum of copper's test
split, none of which is in the index, asks for its neighbours, without noise and with it. Mean and largest; the share is
of the network's own operations.

  node --import tsx bench/neighbour-cost.ts [options]

  --model DIR    default models/spt
  --data FOLDER  holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --help`;

const ELEMENT = 'Cu';

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', default: 'models/spt' },
      data: { type: 'string', default: OMNIXAS },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const model = await loadModel(openBundle(flags.model), { engine: 'auto' });
  const { neighbourIndex, manifest } = model;
  const indexed = neighbourIndex?.elements.get(ELEMENT);
  const reference = manifest.references.find(({ element }) => element === ELEMENT);
  if (neighbourIndex === null || indexed === undefined || reference === undefined)
    throw new FatalError(`Expected ${flags.model} to have indexed spectra of ${ELEMENT}`);
  const sites = readSites(join(flags.data, 'cu-feff9/test.jsonl.gz'));
  const random = seededRandom(1);
  for (const sigma of [0, 0.02, 0.05, 0.1]) {
    const inputs = sites.flatMap((site) => {
      const input = toInput(site, reference, manifest.grid);
      return input ? [{ ...input, mu: input.mu.map((value) => value + sigma * random.normal()) }] : [];
    });
    const predictions = await model.predict(inputs);
    const started = performance.now();
    const found = inputs.map((input, i) =>
      findNeighbours(neighbourIndex, indexed, predictions[i]!.embedding, input),
    );
    const microseconds = (1000 * (performance.now() - started)) / found.length;
    const flops = found.map((each) => each.flops);
    const mean = flops.reduce((sum, each) => sum + each, 0) / flops.length;
    const cost = `${(mean / 1e6).toFixed(3)} MFLOP (at most ${(Math.max(...flops) / 1e6).toFixed(3)})`;
    console.log(
      `sigma ${sigma}: ${cost}, ${((100 * mean) / countFlops(manifest.network)).toFixed(1)}% of the network's, ` +
        `${microseconds.toFixed(0)} us a spectrum`,
    );
  }
  await model.close();
});
