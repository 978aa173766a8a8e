import { type NearestRows, nearestRows } from '../common/nearest-rows.ts';
import { type RowProducts, rowProducts } from '../common/row-products.ts';
import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { DescriptorOutput, Prediction } from '../messages/prediction.ts';
import type { ModelInput } from '../messages/prepared.ts';

/**
 * Where training spectra lie, with their labels: what the network says of a spectrum is put together with what its
 * nearest neighbours are. A network that is held back from learning its training spectra by heart forgets details that
 * an index keeps. Neighbours are near in what the network makes of a spectrum, and along a few axes of the spectrum
 * itself that tell labels and are nearly free of noise; too few to draw the spectrum by.
 */
export type NeighbourIndex = {
  readonly representation: Subspace;
  /** Of mu over its mean in the gain bins, so that a wrong edge step changes nothing. */
  readonly spectrum: Subspace & { readonly bins: Bins; readonly gainBins: Bins };
  /** So many nearest neighbours vote. */
  readonly neighbours: number;
  /** Share of the neighbours in an answer where one lies at no distance. */
  readonly share: number;
  /** In representation and spectrum together. */
  readonly together: Nearness;
  /** In the representation alone: for a scan that does not cover the spectrum's bins. */
  readonly alone: Nearness;
  readonly elements: ReadonlyMap<string, IndexedElement>;
};

/** What is read minus `center`, times `axes`: where distances are taken. */
export type Subspace = {
  readonly center: Float32Array; // [features or bins]
  readonly axes: Float32Array; // [axes * features or bins], one axis after the other
};

/** First and last. */
type Bins = readonly [number, number];

export type Nearness = {
  /** Distance, beyond that of the nearest, over which a vote falls to 1/e. */
  readonly reach: number;
  /** Distance of the nearest neighbour at which the share of the neighbours has fallen to 1/e of what it may be. */
  readonly range: number;
};

type IndexedElement = {
  /** Of each the places on the axes of the spectrum, then on those of the representation. */
  readonly points: Float32Array; // [spectra * axes of both subspaces]
  /** NaN where it is not known. */
  readonly labels: Readonly<Partial<Record<DescriptorName, Float32Array>>>; // [spectra]
};

/**
 * What the network says of a spectrum, put together with the labels of its neighbours; as it is for an element without
 * any.
 */
export function blendNeighbours(
  neighbourIndex: NeighbourIndex,
  prediction: Prediction,
  input: ModelInput,
): Prediction {
  const indexed = neighbourIndex.elements.get(input.element);
  if (indexed === undefined) return prediction;
  const neighbours = findNeighbours(neighbourIndex, indexed, prediction.embedding, input);
  const outputs: Partial<Record<DescriptorName, DescriptorOutput>> = { ...prediction.outputs };
  for (const name of Object.keys(indexed.labels) as DescriptorName[]) {
    const output = outputs[name];
    if (output !== undefined) outputs[name] = together(output, indexed.labels[name]!, neighbours);
  }
  return { ...prediction, outputs };
}

/** mu in the bins over its mean in the gain bins; null where one of them was not measured. */
export function shapeOf(
  { bins: [first, last], gainBins: [from, to] }: Pick<NeighbourIndex['spectrum'], 'bins' | 'gainBins'>,
  { mu, mask }: Pick<ModelInput, 'mu' | 'mask'>,
): Float32Array | null {
  for (let i = Math.min(first, from); i <= Math.max(last, to); i++) if (mask[i] === 0) return null;
  let sum = 0;
  for (let i = from; i <= to; i++) sum += mu[i]!;
  const gain = Math.max(sum / (to - from + 1), 1e-3); // as the network: a dead scan must come out finite
  const shape = new Float32Array(last - first + 1);
  for (let i = 0; i < shape.length; i++) shape[i] = mu[first + i]! / gain;
  return shape;
}

/**
 * Where a spectrum lies on the axes of both subspaces, as in the index; without its shape, 0 on those of the spectrum.
 */
export function pointOf(
  { representation, spectrum }: Pick<NeighbourIndex, 'representation' | 'spectrum'>,
  embedding: ArrayLike<number>,
  shape: Float32Array | null,
): Float32Array {
  const point = new Float32Array(axesOf(spectrum) + axesOf(representation));
  if (shape !== null) place(spectrum, shape, point, 0);
  place(representation, embedding, point, axesOf(spectrum));
  return point;
}

const axesOf = ({ center, axes }: Subspace): number => axes.length / center.length;

/** Writes the places of `values` on the axes into `point`, from number `first` on. */
function place(
  { center, axes }: Subspace,
  values: ArrayLike<number>,
  point: Float32Array,
  first: number,
): void {
  const { point: centred, products, run } = productsOf(axes, center.length);
  for (let i = 0; i < centred.length; i++) centred[i] = values[i]! - center[i]!;
  run();
  point.set(products, first);
}

/** Made when they are first asked for. */
function productsOf(axes: Float32Array, width: number): RowProducts {
  const made = products.get(axes) ?? rowProducts(axes, width);
  products.set(axes, made);
  return made;
}

const products = new WeakMap<Float32Array, RowProducts>();

type Neighbours = {
  readonly rows: readonly { readonly row: number; readonly vote: number }[];
  readonly share: number;
  /** Floating-point operations that it took to find them; those in 16-bit integers are not counted. */
  readonly flops: number;
};

/** The nearest of an element's spectra, each with its vote, and the share of the neighbours in the answer. */
export function findNeighbours(
  neighbourIndex: NeighbourIndex,
  indexed: IndexedElement,
  embedding: ArrayLike<number>,
  input: Pick<ModelInput, 'mu' | 'mask'>,
): Neighbours {
  const shape = shapeOf(neighbourIndex.spectrum, input);
  const point = pointOf(neighbourIndex, embedding, shape);
  const { reach, range } = shape === null ? neighbourIndex.alone : neighbourIndex.together;
  const from = shape === null ? axesOf(neighbourIndex.spectrum) : 0;
  const { points } = indexed;
  const wanted = Math.min(neighbourIndex.neighbours, points.length / point.length);
  const rows = new Int32Array(wanted);
  const squares = new Float64Array(wanted);
  const compared = searchOf(points, point.length, from).search(point, rows, squares);
  const first = Math.sqrt(squares[0]!);
  const projected =
    neighbourIndex.representation.axes.length + (shape === null ? 0 : neighbourIndex.spectrum.axes.length);
  const voters: { row: number; vote: number }[] = [];
  for (let i = 0; i < wanted; i++)
    voters.push({ row: rows[i]!, vote: Math.exp((first - Math.sqrt(squares[i]!)) / reach) });
  return {
    rows: voters,
    share: neighbourIndex.share * Math.exp(-((first / range) ** 2)),
    flops: 3 * (compared * (point.length - from) + projected),
  };
}

/** Made when they are first asked for, of each table with all its axes and with those of the representation. */
function searchOf(points: Float32Array, stride: number, from: number): NearestRows {
  const made = searches.get(points) ?? new Map<number, NearestRows>();
  searches.set(points, made);
  const search = made.get(from) ?? nearestRows(points, stride, from);
  made.set(from, search);
  return search;
}

const searches = new WeakMap<Float32Array, Map<number, NearestRows>>();

/** Neighbours whose label is not known, or is no class, leave their part of the share to the network. */
function together(output: DescriptorOutput, labels: Float32Array, neighbours: Neighbours): DescriptorOutput {
  return output.kind === 'class'
    ? classesTogether(output, labels, neighbours)
    : realsTogether(output, labels, neighbours);
}

function classesTogether(
  output: DescriptorOutput & { kind: 'class' },
  labels: Float32Array,
  { rows, share }: Neighbours,
): DescriptorOutput {
  const { kind, classes, probabilities } = output;
  const votes = new Float64Array(classes.length);
  let all = 0;
  let known = 0;
  for (const { row, vote } of rows) {
    all += vote;
    const at = classes.indexOf(labels[row]!);
    if (at < 0) continue;
    votes[at]! += vote;
    known += vote;
  }
  const part = (share * known) / all;
  if (!(part > 0)) return output;
  const mixed = probabilities.map((p, i) => (1 - part) * p + (part * votes[i]!) / known);
  return { kind, classes, probabilities: mixed };
}

/** The mixture of the network's normal distribution and the neighbours' values, by its mean and spread. */
function realsTogether(
  output: DescriptorOutput & { kind: 'real' },
  labels: Float32Array,
  { rows, share }: Neighbours,
): DescriptorOutput {
  const { kind, mean: ownMean, sigma: ownSigma } = output;
  let all = 0;
  let known = 0;
  let sum = 0;
  let squares = 0;
  for (const { row, vote } of rows) {
    all += vote;
    const label = labels[row]!;
    if (Number.isNaN(label)) continue;
    known += vote;
    sum += vote * label;
    squares += vote * label ** 2;
  }
  const part = (share * known) / all;
  if (!(part > 0)) return output;
  const mean = (1 - part) * ownMean + (part * sum) / known;
  const square = (1 - part) * (ownSigma ** 2 + ownMean ** 2) + (part * squares) / known;
  return { kind, mean, sigma: Math.sqrt(Math.max(square - mean ** 2, (0.1 * ownSigma) ** 2)) };
}
