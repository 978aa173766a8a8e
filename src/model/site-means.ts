import { MEAN_NAMES, type MeanName, type SiteMean, type SiteMeans } from '../messages/prediction.ts';
import { type NetworkInput, normaliseInside } from './network.ts';
import type { NetworkConfig } from './network-config.ts';
import { conv1d, dense, heads, type Ops } from './ops.ts';

/** All that decides the graph of the network that reads means over sites, apart from its weights. */
export type SiteMeansConfig = Pick<
  NetworkConfig,
  'offsetsEv' | 'elements' | 'coverage' | 'gainBins' | 'requiredBins' | 'dropout'
> & {
  /** Of the two convolutions. */
  readonly channels: readonly [number, number];
  readonly features: number;
  readonly classes: Readonly<Record<MeanName, readonly number[]>>;
  /** Share in the probabilities of a class, by element, or `other`; the rest is SPT's. */
  readonly blend: Readonly<Record<string, number>>;
};

export type SiteMeansInput<T> = NetworkInput<T> & {
  /** Standard uncertainty of the scan's energy scale, eV. */
  readonly energySigma: T; // [batch, 1]
};

/** What training needs, by descriptor. */
export type RawSiteMean<T> = {
  /** Shares of the sites that have each class. */
  readonly shares: T; // [batch, classes], logits
  /** Whether the mean lies within a quarter of a class, and of which; the last is: of none. */
  readonly within: T; // [batch, classes + 1], logits
  readonly logSigma: T; // [batch, 1]
  /** Whether sites differ. */
  readonly mixed: T; // [batch, 1], logit
};

export type RawSiteMeans<T> = Record<MeanName, RawSiteMean<T>> & {
  /** Whether the spectrum is none that an oxide has. */
  readonly outlier: T; // [batch, 1], logit
};

/**
 * Reads the mean over all sites of a sample, as a measurement sees them: two convolutions with pooling, two dense
 * layers. It was taught mixtures of sites, distorted as measurements are, and is told how well the energies are known.
 */
export function siteMeans<T>(
  ops: Ops<T>,
  input: SiteMeansInput<T>,
  config: SiteMeansConfig,
): RawSiteMeans<T> {
  return siteMeansOf(ops, normaliseInside(ops, input, config), input, config);
}

/**
 * The part that has parameters.
 * @param spectrum [batch, bins, 4], as normaliseInside gives it
 */
export function siteMeansOf<T>(
  ops: Ops<T>,
  spectrum: T,
  { element, energySigma }: Pick<SiteMeansInput<T>, 'element' | 'energySigma'>,
  config: SiteMeansConfig,
): RawSiteMeans<T> {
  const {
    channels: [narrow, wide],
    features,
  } = config;
  const flat = (config.offsetsEv.length / 4) * wide;
  let x = ops.maxPool1d(ops.relu(conv1d(ops, spectrum, 'conv1', 7, 4, narrow))); // [batch, bins / 2, narrow]
  x = ops.maxPool1d(ops.relu(conv1d(ops, x, 'conv2', 5, narrow, wide))); // [batch, bins / 4, wide]
  const beside = ops.concat([element, energySigma], 1);
  const extra = config.elements.length + 1;
  x = ops.dropout(ops.concat([ops.reshape(x, [-1, flat]), beside], 1), config.dropout);
  x = ops.relu(dense(ops, x, 'hidden', flat + extra, features));
  x = ops.concat([ops.dropout(x, config.dropout), beside], 1);
  const layers = [
    ...MEAN_NAMES.flatMap((name) => [
      { name: `${name}/shares`, outputs: config.classes[name].length },
      { name: `${name}/within`, outputs: config.classes[name].length + 1 },
      { name: `${name}/sigma`, outputs: 1 },
      { name: `${name}/mixed`, outputs: 1 },
    ]),
    { name: 'outlier', outputs: 1 },
  ];
  const outputs = heads(ops, x, features + extra, layers);
  const read = (name: MeanName): RawSiteMean<T> => {
    const [shares, within, sigma, mixed] = outputs.slice(4 * MEAN_NAMES.indexOf(name)) as [T, T, T, T];
    return { shares, within, logSigma: bounded(ops, sigma), mixed };
  };
  return { OS: read('OS'), CN: read('CN'), OCN: read('OCN'), outlier: outputs.at(-1)! };
}

/** Between -3 and 2. */
function bounded<T>(ops: Ops<T>, x: T): T {
  const ceiling = ops.constant([2], [1]);
  return ops.sub(ceiling, ops.relu(ops.sub(ceiling, ops.maximum(x, ops.constant([-3], [1])))));
}

/** Mean over the classes by their shares, [batch, 1]. */
function meanOfShares<T>(ops: Ops<T>, shares: T, classes: readonly number[]): T {
  return ops.sum(ops.mul(ops.softmax(shares), ops.constant([...classes], [1, classes.length])), 1);
}

/** How many numbers a descriptor's output has: shares, within, mean, sigma, mixed. */
export const siteMeanWidth = (classes: readonly number[]): number => 2 * classes.length + 4;

/** What a user gets: one row a descriptor, named as it is, and the probability of an outlier. */
export function siteMeansAnswers<T>(
  ops: Ops<T>,
  raw: RawSiteMeans<T>,
  { classes }: SiteMeansConfig,
): Record<string, T> {
  const one = ops.constant([1], [1]);
  const logistic = (x: T): T => ops.div(one, ops.add(one, ops.exp(ops.sub(ops.constant([0], [1]), x))));
  const means = Object.fromEntries(
    MEAN_NAMES.map((name) => {
      const { shares, within, logSigma, mixed } = raw[name];
      const parts = [
        ops.softmax(shares),
        ops.softmax(within),
        meanOfShares(ops, shares, classes[name]),
        ops.exp(logSigma),
        logistic(mixed),
      ];
      return [`mean/${name}`, ops.concat(parts, 1)]; // [batch, siteMeanWidth]
    }),
  );
  return { ...means, 'mean/outlier': logistic(raw.outlier) }; // [batch, 1]
}

/** Row `row` of the outputs as a value. */
export function unpackSiteMeans(
  outputs: Readonly<Record<string, Float32Array>>,
  row: number,
  { classes }: SiteMeansConfig,
): SiteMeans {
  const read = (name: MeanName): SiteMean => {
    const known = classes[name];
    const width = siteMeanWidth(known);
    const at = outputs[`mean/${name}`]!.subarray(row * width, (row + 1) * width);
    const n = known.length;
    return {
      classes: known,
      shares: at.slice(0, n),
      within: at.slice(n, 2 * n + 1),
      mean: at[2 * n + 1]!,
      sigma: at[2 * n + 2]!,
      mixed: at[2 * n + 3]!,
    };
  };
  return { OS: read('OS'), CN: read('CN'), OCN: read('OCN'), outlier: outputs['mean/outlier']![row]! };
}
