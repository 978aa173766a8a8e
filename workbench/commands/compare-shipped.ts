import { existsSync } from 'node:fs';
import { openBundle } from '../../src/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { FatalError } from '../../src/errors.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { findNeighbours } from '../../src/model/neighbour-index.ts';
import { type CuSite, heldInputs, readCuSites } from '../comparison/cu-sites.ts';
import { type FoldScores, writeComparison } from '../comparison/fold-scores.ts';
import { scoresOf } from '../comparison/scores-of.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { countFlops } from '../training/count-flops.ts';
import { crossFitFolder } from '../training/cross-fit.ts';

const HELP = `Scores the shipped model beside the others of the comparison: the five models of its cross-fit, each on the copper sites of
the fold that it has not seen, with the same noise. Writes workbench/comparison/shipped.json.

  node --import tsx workbench/comparison/shipped.ts [options]

  --model DIR    trained with --cross-fit; the models of its folds lie in .cache/cross-fit (default: models/spt)
  --data FOLDER  holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --out FOLDER   default bench/comparison
  --help

Then \`node --import tsx workbench/comparison/table.ts\` writes the table.`;

const ELEMENT = 'Cu';

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      model: { type: 'string', default: 'models/spt' },
      data: { type: 'string', default: OMNIXAS },
      out: { type: 'string', default: 'bench/comparison' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { id, hash, training } = openBundle(flags.model, { gate: 'optional' }).manifest;
  if (training.crossFit !== true)
    throw new FatalError(`Expected ${flags.model} to be trained with --cross-fit`);
  const sites = readCuSites(flags.data);
  const folds: FoldScores['folds'][number][] = [];
  const costs: number[] = [];
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const directory = crossFitFolder(id, fold);
    if (!existsSync(directory))
      throw new FatalError(`Expected the model of fold ${fold} in ${directory}: train with --cross-fit`);
    const model = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
    if (model.neighbourIndex === null)
      throw new FatalError(
        `Expected a neighbour index in ${directory}: make it with npm run workbench -- build-neighbour-index`,
      );
    const held = sites.filter((site) => site.fold === fold);
    const reference = referenceOf(model);
    const scores = await scoresOf(model, held, reference);
    folds.push({ fold, scores });
    costs.push(await meanFlops(model, held));
    await model.close();
    console.log(`${id}, fold ${fold}: ${JSON.stringify(scores.clean)}`);
  }
  const spectra = sites.filter(({ split }) => split !== 'test').length;
  writeComparison(flags.out, {
    model: 'shipped',
    title: 'SPT as shipped (all elements, neighbours)',
    note:
      `the cross-fit of ${id} (weights ${hash.slice(0, 12)}), each of whose models has seen the spectra of the other elements too, but ` +
      `of copper only those of the published training and validation parts (${spectra} of ${sites.length}) that are in other folds.`,
    mflop: Number((costs.reduce((a, b) => a + b, 0) / costs.length / 1e6).toFixed(2)),
    folds,
  });
});

function referenceOf({ manifest }: Model) {
  const reference = manifest.references.find(({ element }) => element === ELEMENT);
  if (reference === undefined) throw new FatalError(`Expected a model that knows ${ELEMENT}`);
  return reference;
}

/** Of the network, and of finding neighbours in the index: mean over noise-free spectra. */
async function meanFlops(model: Model, held: readonly CuSite[]): Promise<number> {
  const { manifest, neighbourIndex } = model;
  const network = countFlops(manifest.network);
  const indexed = neighbourIndex!.elements.get(ELEMENT);
  if (indexed === undefined) return network;
  const inputs = heldInputs(held, 0, referenceOf(model), manifest.grid).map(({ input }) => input);
  const predictions = await model.predict(inputs);
  const flops = inputs.map(
    (input, i) => findNeighbours(neighbourIndex!, indexed, predictions[i]!.embedding, input).flops,
  );
  return network + flops.reduce((a, b) => a + b, 0) / flops.length;
}
