import type { Bundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import type { NeighbourIndex } from '../../src/model/neighbour-index.ts';
import { MADE_FILES } from '../../src/registry/bundle-json.ts';

/** Without one of them no means are read, and the gate's table has nothing of means and of trust. */
const NETWORKS_OF_MEANS = ['site-means.json', 'copper-means.json'] as const;

/**
 * What the models of a cross-fit say stands for what the shipped one will say: they must be of its kind.
 * @param fold one of them
 * @throws FatalError where the two have not the same network, the same kind of neighbour index, or the same networks of
 * means
 */
export function requireAlike(fold: Bundle, shipped: Bundle): void {
  const { id } = shipped.manifest;
  if (JSON.stringify(fold.manifest.network) !== JSON.stringify(shipped.manifest.network))
    throw new FatalError(`Expected ${fold.directory} to be of the network of ${id}: train with --cross-fit`);
  if (JSON.stringify(kindOf(fold.neighbourIndex)) !== JSON.stringify(kindOf(shipped.neighbourIndex)))
    throw new FatalError(
      `Expected ${fold.directory} to have a neighbour index of the kind that ${id} has: ` +
        'run npm run workbench -- build-neighbour-index',
    );
  requireSameMeans(fold, shipped);
}

const kindOf = (index: NeighbourIndex | null) =>
  index && { neighbours: index.neighbours, share: index.share, elements: [...index.elements.keys()] };

/** `train-site-means` writes those of the shipped model and of its cross-fit. */
function requireSameMeans(fold: Bundle, shipped: Bundle): void {
  for (const [one, other] of [
    [fold, shipped],
    [shipped, fold],
  ] as const) {
    const missing = NETWORKS_OF_MEANS.filter(
      (name) => one.files[name] === undefined && other.files[name] !== undefined,
    );
    if (missing.length === 0) continue;
    const commands = missing.map(
      (name) => `npm run workbench -- ${MADE_FILES[name].command} --model ${shipped.directory}`,
    );
    throw new FatalError(
      `Expected ${one.directory} to have ${missing.join(' and ')}, as ${other.directory} has: ` +
        `run ${commands.join(', then ')} (with --from DIR for networks that are trained already)`,
    );
  }
}
