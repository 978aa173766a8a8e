import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { extendNetwork } from './extend-network.ts';
import { makeConfig } from './make-config.ts';
import { fitReferences, MEASURED_SHIFTS_EV } from './references.ts';
import type { Provenance, Recipe, TrainingPlan } from './training-plan.ts';

/** Parameters that read the spectrum; without them only the heads learn. */
export const BODY = (parameter: string): boolean => !parameter.startsWith('head/');

/**
 * A training plan that goes on from a trained model with other spectra. Grid, periods and the known absorbers' energy
 * scales stay; absorbers, classes and descriptors that the model has not met are added.
 */
export function makeFineTuning(options: {
  readonly from: string;
  readonly id: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly freezeBody: boolean;
  readonly train: readonly Site[];
  readonly val: readonly Site[];
  readonly provenance: Provenance;
}): TrainingPlan {
  const { train } = options;
  const { manifest: model, weights: known } = openBundle(options.from, { gate: 'optional' });
  const unknown = [...new Set(train.map(({ element }) => element))].filter(
    (element) => !model.network.elements.includes(element),
  );
  const references = [
    ...model.references,
    ...fitReferences(
      train.filter(({ element }) => unknown.includes(element)),
      MEASURED_SHIFTS_EV,
    ),
  ];
  const training = inputsOf(train, { references, grid: model.grid });
  if (training.length === 0) throw new FatalError('Expected training spectra that cover the grid, got none');
  const elements = references.slice(model.references.length).map(({ element }) => element);
  const own = makeConfig(model.network.architecture, model.grid, elements, training);
  const { network, weights } = extendNetwork(model.network, known, {
    elements,
    coverage: own.coverage,
    classes: newClasses(model, train),
    reals: own.reals,
  });
  const { id, seed, recipe, val, provenance } = options;
  return {
    ...{ id, seed, recipe, network, references, train, val, grid: model.grid, initial: weights, golden: [] },
    ...(options.freezeBody && { frozen: BODY }),
    provenance: { ...provenance, from: { id: model.id, hash: model.hash } },
  };
}

/** Every class of the new labels: who has few spectra means each of them. */
function newClasses(model: Manifest, train: readonly Site[]): Partial<Record<DescriptorName, number[]>> {
  return Object.fromEntries(
    DESCRIPTOR_NAMES.filter((name) => DESCRIPTORS[name].kind === 'class').map((name) => {
      const values = new Set(train.flatMap(({ labels }) => labels[name] ?? []));
      return [name, [...values].filter((value) => model.network.classes[name]?.includes(value) !== true)];
    }),
  );
}
