import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { Recipe } from './training-plan.ts';

/**
 * The models whose mean answer is learned beside the labels, and its share of the loss.
 * @throws FatalError when the answer of one would not fit the network's
 */
export function readDistillationSources({ distillFrom, distillationShare }: Recipe, network: NetworkConfig) {
  const networks = distillFrom.map((directory) => {
    const { manifest, weights } = openBundle(directory, { gate: 'optional' });
    for (const part of ['offsetsEv', 'elements', 'classes', 'reals'] as const) {
      if (JSON.stringify(manifest.network[part]) !== JSON.stringify(network[part])) {
        throw new FatalError(
          `Expected distillation source ${directory} to have the network's ${part}: train it on the same data`,
        );
      }
    }
    return { config: manifest.network, weights };
  });
  return { networks, share: distillationShare };
}
