import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { NetworkConfig } from './network-config.ts';
import { heads, type Ops } from './ops.ts';
import { spt } from './spt.ts';

export type NetworkInput<T> = {
  readonly mu: T; // [batch, bins]
  readonly mask: T; // [batch, bins]
  readonly element: T; // [batch, elements], one-hot
};

/** What training needs: logits, and reals on their trained scale. */
export type RawOutput<T> = {
  readonly logits: Readonly<Partial<Record<DescriptorName, T>>>; // [batch, classes]
  readonly reals: Readonly<Partial<Record<DescriptorName, { readonly mean: T; readonly logSigma: T }>>>; // [batch, 1]
  readonly embedding: T; // [batch, features]
};

/**
 * What turns a spectrum into features: SPT, unless the workbench compares it with another.
 * spectrum [batch, bins, 4] and element [batch, elements], one-hot -> [batch, features]
 */
export type Body = <T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig) => T;

export function network<T>(
  ops: Ops<T>,
  input: NetworkInput<T>,
  config: NetworkConfig,
  body: Body = spt,
): RawOutput<T> {
  return trained(ops, normaliseInside(ops, input, config), input.element, config, body);
}

/**
 * The part that has parameters.
 * @param spectrum [batch, bins, 4], as normaliseInside gives it
 * @param element [batch, elements], one-hot
 */
export function trained<T>(
  ops: Ops<T>,
  spectrum: T,
  element: T,
  config: NetworkConfig,
  body: Body = spt,
): RawOutput<T> {
  const embedding = body(ops, spectrum, element, config);
  const shared = ops.dropout(ops.concat([embedding, element], 1), config.dropout); // [batch, features + elements]
  const layers = DESCRIPTOR_NAMES.flatMap((name) => {
    const classes = config.classes[name];
    if (classes !== undefined) return [{ name: `head/${name}`, outputs: classes.length }];
    if (config.reals[name] === undefined) return [];
    return ['', '/sigma'].map((of) => ({ name: `head/${name}${of}`, outputs: 1 }));
  });
  const size = config.features + config.elements.length;
  const outputs = heads(ops, shared, size, layers);
  const outputOf = (name: string): T => outputs[layers.findIndex((layer) => layer.name === `head/${name}`)]!;

  const logits: Partial<Record<DescriptorName, T>> = {};
  const reals: Partial<Record<DescriptorName, { mean: T; logSigma: T }>> = {};
  for (const name of DESCRIPTOR_NAMES) {
    if (config.classes[name] !== undefined) logits[name] = outputOf(name);
    else if (config.reals[name] !== undefined)
      reals[name] = { mean: outputOf(name), logSigma: bounded(ops, outputOf(`${name}/sigma`)) };
  }
  return { logits, reals, embedding };
}

/** Between -4 and 2: the likelihood of a few outlying spectra must not drive sigma out of what float32 can square. */
function bounded<T>(ops: Ops<T>, x: T): T {
  const ceiling = ops.constant([2], [1]);
  return ops.sub(ceiling, ops.relu(ops.sub(ceiling, ops.maximum(x, ops.constant([-4], [1])))));
}

/** The network from its inputs to what a user gets. */
export const graphOf =
  (config: NetworkConfig, body?: Body) =>
  <T>(ops: Ops<T>, input: NetworkInput<T>): Record<string, T> =>
    answers(ops, network(ops, input, config, body), config);

/**
 * What a user gets, by output name: probabilities [batch, classes], or mean and sigma [batch, 2] in the real's unit.
 */
export function answers<T>(ops: Ops<T>, raw: RawOutput<T>, config: NetworkConfig): Record<string, T> {
  const outputs: Record<string, T> = {};
  for (const [name, logits] of Object.entries(raw.logits)) outputs[name] = ops.softmax(logits);
  for (const [name, { mean, logSigma }] of Object.entries(raw.reals)) {
    const real = config.reals[name as DescriptorName]!;
    const scale = ops.constant([real.scale], [1]);
    const value = ops.add(ops.mul(mean, scale), ops.constant([real.mean], [1]));
    outputs[name] = ops.concat([value, ops.mul(ops.exp(logSigma), scale)], 1);
  }
  outputs.embedding = raw.embedding;
  return outputs;
}

/**
 * The network's own normalisation, inside it so that every engine holds it. mu is divided by its mean over the gain
 * bins: a wrong edge step of the caller changes nothing. Bins that training never saw for the element are masked.
 * @returns [batch, bins, 4]: mu - 1, mu standardised over the required bins, its slope (10 eV units), the mask
 */
export function normaliseInside<T>(
  ops: Ops<T>,
  input: NetworkInput<T>,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements' | 'coverage' | 'gainBins' | 'requiredBins'>,
): T {
  const { offsetsEv, elements, coverage } = config;
  const bins = offsetsEv.length;
  const covered = ops.constant(Float32Array.from(coverage.flat()), [elements.length, bins]);
  const mask = ops.mul(input.mask, ops.matMul(input.element, covered)); // [batch, bins]
  const mu = ops.mul(input.mu, mask);

  // A dead or inverted scan must come out finite; judging it is not the network's part.
  const gain = ops.maximum(meanOver(ops, mu, bins, config.gainBins), ops.constant([1e-3], [1])); // [batch, 1]
  const u = ops.div(mu, gain);
  const level = meanOver(ops, u, bins, config.requiredBins); // [batch, 1]
  const deviation = ops.sub(u, level);
  const variance = meanOver(ops, ops.mul(deviation, deviation), bins, config.requiredBins); // [batch, 1]
  const standard = ops.div(deviation, ops.sqrt(ops.add(variance, ops.constant([1e-4], [1]))));

  const span = Float32Array.from(offsetsEv, (_, i) => {
    return i === 0 || i === bins - 1 ? 0 : 10 / (offsetsEv[i + 1]! - offsetsEv[i - 1]!);
  });
  const slope = ops.mul(ops.sub(ahead(ops, u, bins), behind(ops, u, bins)), ops.constant(span, [1, bins]));
  const inside = ops.mul(ahead(ops, mask, bins), behind(ops, mask, bins)); // both neighbours were measured

  const one = ops.constant([1], [1]);
  const channels = [ops.mul(ops.sub(u, one), mask), ops.mul(standard, mask), ops.mul(slope, inside), mask];
  return ops.concat(
    channels.map((channel) => ops.reshape(channel, [-1, bins, 1])),
    2,
  );
}

function meanOver<T>(ops: Ops<T>, x: T, bins: number, [first, last]: readonly [number, number]): T {
  const weights = Float32Array.from({ length: bins }, (_, i) =>
    i >= first && i <= last ? 1 / (last - first + 1) : 0,
  );
  return ops.sum(ops.mul(x, ops.constant(weights, [1, bins])), 1); // [batch, 1]
}

const ahead = <T>(ops: Ops<T>, x: T, bins: number): T => ops.pad(ops.slice(x, 1, 1, bins), 1, 0, 1);
const behind = <T>(ops: Ops<T>, x: T, bins: number): T => ops.pad(ops.slice(x, 1, 0, bins - 1), 1, 1, 0);
