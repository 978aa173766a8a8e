import { FatalError } from '../../src/common/errors.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import type { Architecture, NetworkConfig } from '../../src/model/network-config.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { countsOf } from '../report/statistics.ts';
import { defaultGrid } from './grid.ts';
import { makeConfig } from './make-config.ts';
import { fitReferences, MEASURED_SHIFTS_EV, MIN_SPECTRA } from './references.ts';
import type { Provenance, Recipe, TrainingPlan } from './training-plan.ts';

/** A training plan that starts anew: references, classes, scales and periods are taken from the training spectra. */
export function makeTrainingPlan(options: {
  readonly id: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly architecture: Architecture;
  readonly size: Partial<Pick<NetworkConfig, 'channels' | 'features' | 'dropout'>>;
  /** An expert learns one; the joint model all. */
  readonly descriptors: readonly DescriptorName[];
  readonly train: readonly Site[];
  readonly val: readonly Site[];
  readonly provenance: Provenance;
  /** Sites that may be copied into golden.json. */
  readonly copiable: readonly Site[];
  /** Default 10. */
  readonly minSpectra?: number;
}): TrainingPlan {
  const { minSpectra = MIN_SPECTRA } = options;
  const grid = defaultGrid();
  const counts = countsOf(options.train.map(({ element }) => element));
  const taught = (site: Site) => (counts.get(site.element) ?? 0) >= minSpectra;
  const train = options.train.filter(taught);
  if (train.length === 0)
    throw new FatalError(
      `Expected at least ${minSpectra} training spectra of an element, got ${JSON.stringify(Object.fromEntries(counts))}`,
    );

  const references = fitReferences(train, MEASURED_SHIFTS_EV);
  const training = inputsOf(train, { references, grid });
  const elements = references.map(({ element }) => element);
  const fitted = makeConfig(options.architecture, grid, elements, training);
  const chosen = <T>(heads: Partial<Record<DescriptorName, T>>) => {
    return Object.fromEntries(
      DESCRIPTOR_NAMES.filter((name) => heads[name] !== undefined && options.descriptors.includes(name)).map(
        (name) => [name, heads[name]!],
      ),
    ) as Partial<Record<DescriptorName, T>>;
  };
  const network: NetworkConfig = {
    ...fitted,
    ...options.size,
    classes: chosen(fitted.classes),
    reals: chosen(fitted.reals),
  };
  const { id, seed, recipe, val, provenance } = options;
  const golden = goldenInputs(inputsOf(options.copiable, { references, grid }));
  return { id, seed, recipe, network, grid, references, train, val: val.filter(taught), provenance, golden };
}

/** One site of each element, and one whose window is cut short. */
function goldenInputs(sites: readonly { readonly site: Site; readonly input: ModelInput }[]) {
  const firstOfElement = sites.filter(
    ({ site }, i) => sites.findIndex((other) => other.site.element === site.element) === i,
  );
  const golden = firstOfElement.map(({ site, input }) => ({ name: site.id, input }));
  const [first] = golden;
  if (first === undefined) return [];
  const mask = first.input.mask.map((value, i) => (i < 64 ? value : 0));
  const mu = first.input.mu.map((value, i) => value * mask[i]!);
  return [...golden, { name: `${first.name}, window cut short`, input: { ...first.input, mu, mask } }];
}
