import type { NetworkConfig } from './network-config.ts';
import { conv1d, conv2d, dense, layerNorm, type Ops } from './ops.ts';

/**
 * The Spectral Pattern Translator of "Solving the inverse problem of X-ray absorption spectroscopy via physics-informed
 * deep learning" (arXiv 2603.27684): embedding, multi-scale spectral semantic discovery, aggregation of the spectral
 * neighbourhood; the heads are in network.ts. Where this departs from the paper: the periods are fixed, so that an
 * answer does not depend on its batch; a convolution and pooling stand before and after the two blocks.
 */
export function spt<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const { channels: d, periods, features } = config;
  const length = config.offsetsEv.length / 2;

  let x = conv1d(ops, spectrum, 'stem', 7, 4, d); // [batch, bins, 4] -> [batch, bins, d]
  x = ops.maxPool1d(ops.relu(x)); // [batch, length, d]
  x = ops.add(x, ops.reshape(dense(ops, element, 'element', config.elements.length, d), [-1, 1, d]));

  x = ops.add(x, discoverScales(ops, x, length, d, periods)); // [batch, length, d]
  x = layerNorm(ops, x, 'norm', d);
  x = ops.add(x, attendNeighbours(ops, x, d, config)); // [batch, length, d]

  const wide = d + (3 * d) / 8;
  x = ops.maxPool1d(ops.relu(conv1d(ops, x, 'tail', 5, d, wide))); // [batch, length / 2, wide]
  // Not averaged: where on the axis a feature lies matters.
  x = ops.dropout(ops.reshape(x, [-1, (length / 2) * wide]), config.dropout);
  return ops.relu(dense(ops, x, 'embedding', (length / 2) * wide, features)); // [batch, features]
}

/**
 * Folds the sequence at each period, so that a 2-D convolution sees points one period apart side by side; a query made
 * from the whole sequence scores the bands; their weighted sum is the answer.
 */
function discoverScales<T>(ops: Ops<T>, x: T, length: number, d: number, periods: readonly number[]): T {
  const half = d / 2;
  const context = meanOverPoints(ops, x, length, d); // [batch, d]
  const query1 = ops.relu(dense(ops, context, 'scales/query1', d, d));
  const query = dense(ops, query1, 'scales/query2', d, half); // [batch, half]

  const narrow = dense(ops, x, 'scales/in', d, half); // [batch, length, half]: halves the cost, loses nothing
  const bands = periods.map((period, k) => {
    const rows = Math.ceil(length / period);
    let band = ops.pad(narrow, 1, 0, rows * period - length); // [batch, rows * period, half]
    band = ops.reshape(band, [-1, rows, period, half]);
    band = ops.relu(conv2d(ops, band, `scales/band${k}`, 3, half, half)); // [batch, rows, period, half]
    return ops.slice(ops.reshape(band, [-1, rows * period, half]), 1, 0, length); // [batch, length, half]
  });
  const scores = bands.map((band) => {
    const key = meanOverPoints(ops, band, length, half); // [batch, half]
    return ops.sum(ops.mul(query, key), 1); // [batch, 1]
  });
  const share = ops.softmax(ops.concat(scores, 1)); // [batch, bands]
  const weighted = bands.map((band, k) => {
    return ops.mul(band, ops.reshape(ops.slice(share, 1, k, k + 1), [-1, 1, 1])); // [batch, length, half]
  });
  const mixed = weighted.reduce((sum, band) => ops.add(sum, band));
  return dense(ops, mixed, 'scales/out', half, d); // [batch, length, d]
}

/**
 * A graph over energy points, with edges between points less than windowEv apart. GATv2:
 * e_ij = a^T act(W_i h_i + W_j h_j), the non-linearity between W and a; softmax over the neighbourhood;
 * h_i' = sum_j alpha_ij V h_j. Steps grow with energy: from some point on each has no neighbour but itself, and is its
 * own V h_i.
 */
function attendNeighbours<T>(ops: Ops<T>, x: T, d: number, config: NetworkConfig): T {
  const { reach, missing, length, linked } = neighbourhood(config);
  const width = 2 * reach + 1;
  const s = d / 4; // scoring an edge needs less than moving what lies at its end
  const near = ops.slice(x, 1, 0, linked); // [batch, linked, d]
  const own = dense(ops, near, 'neighbours/own', d, s); // [batch, linked, s]
  const other = ops.pad(dense(ops, near, 'neighbours/other', d, s), 1, reach, reach); // [batch, linked + 2 reach, s]
  const a = ops.parameter('neighbours/a', [s, 1], 'glorot');
  const scores = Array.from({ length: width }, (_, o) => {
    return ops.matMul(ops.leakyRelu(ops.add(own, ops.slice(other, 1, o, o + linked))), a); // [batch, linked, 1]
  });
  const score = ops.add(ops.concat(scores, 2), ops.constant(missing, [1, linked, width]));
  const alpha = banded(ops, ops.softmax(score), linked, width); // [batch, linked, linked]

  const value = dense(ops, x, 'neighbours/value', d, d); // [batch, length, d]
  const gathered = ops.matMul(alpha, ops.slice(value, 1, 0, linked)); // [batch, linked, d]
  return linked === length ? gathered : ops.concat([gathered, ops.slice(value, 1, linked, length)], 1);
}

/**
 * [batch, length, width] -> [batch, length, length]: row i moved to where its neighbours stand, so that their weights
 * become a matrix over all points. Rows one longer than the matrix, cut anew: each begins one place further on. Weights
 * of places outside the axis have to be zero.
 */
export function banded<T>(ops: Ops<T>, rows: T, length: number, width: number): T {
  const reach = (width - 1) / 2;
  const long = ops.pad(rows, 2, 0, length + 1 - width); // [batch, length, length + 1]
  const flat = ops.reshape(long, [-1, length * (length + 1)]);
  return ops.reshape(ops.slice(flat, 1, reach, reach + length * length), [-1, length, length]);
}

/**
 * Which of the points around each point are neighbours: 0, or -1e9 where one lies outside the window or the axis; of
 * the first `linked` points, after which none has a neighbour but itself.
 */
export function neighbourhood(config: Pick<NetworkConfig, 'offsetsEv' | 'windowEv'>) {
  const length = config.offsetsEv.length / 2;
  const at = (i: number) => (config.offsetsEv[2 * i]! + config.offsetsEv[2 * i + 1]!) / 2;
  const near = (i: number, j: number) => j >= 0 && j < length && Math.abs(at(i) - at(j)) <= config.windowEv;
  let [reach, linked] = [0, 1];
  for (let i = 0; i < length; i++) {
    while (near(i, i + reach + 1)) reach++;
    if (near(i, i + 1)) linked = i + 2;
  }
  if (2 * reach > length)
    throw new Error(`Expected windowEv to span half of the axis or less, got ${config.windowEv}`);
  linked = Math.max(linked, 2 * reach); // what `banded` needs
  const width = 2 * reach + 1;
  const missing = new Float32Array(linked * width); // [linked, width]
  for (let i = 0; i < linked; i++) {
    for (let o = 0; o < width; o++) missing[i * width + o] = near(i, i + o - reach) ? 0 : -1e9;
  }
  return { length, reach, linked, missing };
}

/** [batch, length, d] -> [batch, d] */
function meanOverPoints<T>(ops: Ops<T>, x: T, length: number, d: number): T {
  return ops.mul(ops.reshape(ops.sum(x, 1), [-1, d]), ops.constant([1 / length], [1]));
}
