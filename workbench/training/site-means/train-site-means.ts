import type * as tfjs from '@tensorflow/tfjs-core';
import type { ElementReference, EnergyGrid, ModelInput } from '../../../src/messages/prepared.ts';
import { pack } from '../../../src/model/load-model.ts';
import { loadTensorflow } from '../../../src/model/load-tensorflow.ts';
import { normaliseInside } from '../../../src/model/network.ts';
import type { Initial } from '../../../src/model/ops.ts';
import { type SiteMeansConfig, siteMeansOf } from '../../../src/model/site-means.ts';
import { tfjsOps } from '../../../src/model/tfjs-ops.ts';
import type { Site } from '../../data/dataset.ts';
import { seededRandom } from '../../data/random.ts';
import { adamW } from '../adamw.ts';
import { nativeGradients } from '../native-gradients.ts';
import { initialValues, schedule } from '../train-network.ts';
import { drawInput, type FineSite } from './draw-input.ts';
import { type Mixture, mixtureSource } from './draw-mixtures.ts';
import { onFineAxis } from './fine-axis.ts';
import { siteMeansLoss } from './site-means-loss.ts';

export type SiteMeansRecipe = {
  readonly epochs: number;
  readonly batchSize: number;
  /** Peak of the cosine schedule, after a warm-up of two epochs. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** How often a FEFF10 spectrum is seen in an epoch: few beside thousands. */
  readonly repeat: number;
  /** Of the examples that are mixtures. */
  readonly mixtures: number;
  readonly seed: number;
};

/** Trained weights by name, and the mean loss of each epoch. */
export type TrainedSiteMeans = {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly losses: readonly number[];
};

type Options = {
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
  readonly recipe: SiteMeansRecipe;
  afterEpoch(epoch: number, loss: number): void;
};

/** Trains the network that reads means over sites, on mixtures that are drawn anew in every epoch. Needs tfjs-node. */
export function trainSiteMeans(
  sites: readonly Site[],
  config: SiteMeansConfig,
  { grid, references, recipe, afterEpoch }: Options,
): TrainedSiteMeans {
  const tf = loadTensorflow('@tensorflow/tfjs-node');
  const random = seededRandom(recipe.seed);
  const referenceOf = new Map(references.map((reference) => [reference.element, reference]));
  const known = sites.flatMap((site): FineSite[] => {
    const reference = referenceOf.get(site.element);
    return reference === undefined ? [] : [{ ...site, fine: onFineAxis(site, reference) }];
  });
  const often = known.flatMap((site) =>
    Array.from({ length: site.scale === 'feff10' ? recipe.repeat : 1 }, () => site),
  );
  const source = mixtureSource(often);

  const variables = new Map<string, tfjs.Variable>();
  const values = new Map<string, Float32Array>(); // of the variables
  const constants = new Map<string, tfjs.Tensor>();
  const optimiser = adamW({ weightDecay: recipe.weightDecay });
  const parameter = (name: string, shape: readonly number[], initial: Initial): tfjs.Tensor => {
    let variable = variables.get(name);
    if (variable === undefined) {
      const first = initialValues(shape, initial, random);
      variable = tf.variable(tf.tensor(first.slice(), [...shape], 'float32'), true);
      variables.set(name, variable);
      values.set(name, first);
    }
    return variable;
  };
  const native = nativeGradients(tf, random);
  const bodyConstants = new Map<string, tfjs.Tensor>();
  const gradientsOf = (batch: readonly Drawn[], list?: tfjs.Variable[]) => {
    const packed = pack(
      batch.map(({ input }) => input),
      config,
    );
    const bins = config.offsetsEv.length;
    const input = {
      mu: tf.tensor(packed.mu, [packed.size, bins]),
      mask: tf.tensor(packed.mask, [packed.size, bins]),
      element: tf.tensor(packed.element, [packed.size, config.elements.length]),
      energySigma: tf.tensor(packed.energySigma, [packed.size, 1]),
    };
    const spectrum = normaliseInside(tfjsOps(tf, { parameter, constants }), input, config);
    const loss = () => {
      const ops = { ...tfjsOps(tf, { parameter, constants: bodyConstants }), ...native };
      return siteMeansLoss(
        tf,
        siteMeansOf(ops, spectrum, input, config),
        batch.map(({ mixture }) => mixture),
        config,
      );
    };
    return list === undefined ? { value: loss(), grads: {} } : tf.variableGrads(loss, list);
  };

  const steps = Math.ceil(often.length / recipe.batchSize);
  const losses: number[] = [];
  let stepsDone = 0;
  for (let epoch = 1; epoch <= recipe.epochs; epoch += 1) {
    const examples = source.everySiteOnce(recipe.mixtures, random);
    let total = 0;
    for (let step = 0; step < steps; step += 1) {
      const batch = examples
        .slice(step * recipe.batchSize, (step + 1) * recipe.batchSize)
        .flatMap((mixture): Drawn[] => {
          const input = drawInput(mixture, referenceOf.get(mixture.sites[0]!.element)!, grid, random);
          return input === null ? [] : [{ mixture, input }];
        });
      const rate =
        recipe.learningRate * schedule((epoch - 1 + step / steps) / recipe.epochs, 2 / recipe.epochs);
      stepsDone += 1;
      total += tf.tidy(() => {
        if (variables.size === 0) gradientsOf(batch); // makes the variables
        const learning = [...variables];
        const { value, grads } = gradientsOf(
          batch,
          learning.map(([, variable]) => variable),
        );
        for (const [name, variable] of learning) {
          const now = values.get(name)!;
          const gradient = (grads as tfjs.NamedTensorMap)[variable.name]!.dataSync<'float32'>();
          optimiser.update(name, now, gradient, { rate, step: stepsDone, decays: variable.rank > 1 });
          variable.assign(tf.tensor(now.slice(), variable.shape));
        }
        return value.dataSync()[0]!;
      });
    }
    losses.push(total / steps);
    afterEpoch(epoch, total / steps);
  }
  for (const kept of [variables, constants, bodyConstants])
    for (const tensor of kept.values()) tensor.dispose();
  return { weights: values, losses };
}

type Drawn = { readonly mixture: Mixture<FineSite>; readonly input: ModelInput };
