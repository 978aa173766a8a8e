import { join } from 'node:path';
import { openBundle } from '../src/bundle/bundle.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { FatalError } from '../src/common/errors.ts';
import { loadModel } from '../src/model/load-model.ts';
import { findNeighbours } from '../src/model/neighbour-index.ts';
import { OMNIXAS } from '../workbench/data/data-folders.ts';
import { readSites, toInput } from '../workbench/data/dataset.ts';
import { seededRandom } from '../workbench/data/random.ts';
import { fixed, megaflop, percent } from '../workbench/report/number-formats.ts';
import { mean } from '../workbench/report/statistics.ts';
import { countFlops } from '../workbench/training/count-flops.ts';

const HELP = `What the neighbour index of a model costs a spectrum, beside its network: each spectrum of copper's test
split, none of which is in the index, asks for its neighbours, without noise and with it. Mean and largest; the share is
of the network's own operations.

  node --import tsx bench/neighbour-cost.ts [options]

  --model NAME|DIR  a folder under models/, or any other (default: spt)
  --data FOLDER     holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --help`;

const ELEMENT = 'Cu';

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', default: 'spt' },
      data: { type: 'string', default: OMNIXAS },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const model = await loadModel(openBundle(modelFolder(flags.model)), { engine: 'auto' });
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
    const usual = mean(flops);
    const cost = `${megaflop(usual, 3)} (at most ${megaflop(Math.max(...flops), 3)})`;
    const share = percent(usual / countFlops(manifest.network));
    console.log(
      `sigma ${sigma}: ${cost}, ${share} of the network's, ${fixed(microseconds, 0)} us a spectrum`,
    );
  }
  await model.close();
});
