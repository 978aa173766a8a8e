import { FatalError } from '../../src/common/errors.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { findNeighbours } from '../../src/model/neighbour-index.ts';
import { mean } from '../report/statistics.ts';
import { countFlops } from '../training/count-flops.ts';
import { crossFitModels } from '../training/cross-fit.ts';
import { type CuSite, heldInputs } from './cu-sites.ts';
import type { FoldScores } from './fold-scores.ts';
import { scoresOf } from './scores-of.ts';

const ELEMENT = 'Cu';

/**
 * What a shipped model is worth in the comparison: the models of its cross-fit, each scored on the copper sites of the
 * fold that it has not seen.
 * @throws FatalError where one of them is missing, or lacks its neighbour index
 */
export async function scoreCrossFit(manifest: Manifest, sites: readonly CuSite[]): Promise<FoldScores> {
  const { id, hash } = manifest;
  const folds: FoldScores['folds'][number][] = [];
  const costs: number[] = [];
  for await (const { fold, held, directory, model } of crossFitModels(manifest)) {
    if (model.neighbourIndex === null)
      throw new FatalError(
        `Expected a neighbour index in ${directory}: make it with npm run workbench -- build-neighbour-index`,
      );
    const own = held(sites);
    const scores = await scoresOf(model, own, referenceOf(model));
    folds.push({ fold, scores });
    costs.push(await meanFlops(model, own));
    console.log(`${id}, fold ${fold}: ${JSON.stringify(scores.clean)}`);
  }
  const spectra = sites.filter(({ split }) => split !== 'test').length;
  return {
    model: 'shipped',
    title: 'SPT as shipped (all elements, neighbour index)',
    note:
      `the cross-fit of ${id} (weights ${hash.slice(0, 12)}), each of whose models has seen the spectra of the other elements too, but ` +
      `of copper only those of the published training and validation parts (${spectra} of ${sites.length}) that are in other folds.`,
    mflop: Number((mean(costs) / 1e6).toFixed(2)),
    folds,
  };
}

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
  return network + mean(flops);
}
