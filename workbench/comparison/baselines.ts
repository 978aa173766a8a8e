import type { NetworkConfig } from '../../src/model/network-config.ts';
import { conv1d, dense, layerNorm, type Ops } from '../../src/model/ops.ts';
import { BLOCKS, feedForward, flatten, HEADS, tokenise, tokensOf } from './tokens.ts';

/** Three convolutions, nothing else: what SPT is held against. */
export function cnn<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const { channels: d, features } = config;
  const bins = config.offsetsEv.length;
  let x = ops.relu(conv1d(ops, spectrum, 'conv1', 7, 4, d)); // [batch, bins, d]
  x = ops.add(x, ops.reshape(dense(ops, element, 'element', config.elements.length, d), [-1, 1, d]));
  x = ops.maxPool1d(ops.relu(conv1d(ops, ops.maxPool1d(x), 'conv2', 5, d, 2 * d))); // [batch, bins / 4, 2 d]
  x = ops.relu(conv1d(ops, x, 'conv3', 5, 2 * d, 2 * d)); // [batch, bins / 4, 2 d]
  x = ops.dropout(ops.reshape(x, [-1, (bins / 4) * 2 * d]), config.dropout);
  return ops.relu(dense(ops, x, 'embedding', (bins / 4) * 2 * d, features)); // [batch, features]
}

/** Two hidden layers on the flattened channels. */
export function mlp<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const bins = config.offsetsEv.length;
  const flat = ops.concat([ops.reshape(spectrum, [-1, bins * 4]), element], 1); // [batch, 4 bins + elements]
  const hidden = ops.relu(dense(ops, flat, 'hidden', bins * 4 + config.elements.length, 3 * config.features));
  return ops.relu(
    dense(ops, ops.dropout(hidden, config.dropout), 'embedding', 3 * config.features, config.features),
  );
}

/**
 * After FT-Transformer (Gorishniy et al., arXiv 2106.11959): every feature a token of its own, attention between all of
 * them, pre-normalised blocks. All tokens together are the answer, in place of one extra token (the study found
 * flattening better than pooling for these spectra).
 */
export function transformer<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const { channels: d } = config;
  const tokens = tokensOf(config);
  let x = tokenise(ops, spectrum, element, config);
  for (let block = 0; block < BLOCKS; block++) {
    const name = `block${block}`;
    x = ops.add(x, attendTokens(ops, layerNorm(ops, x, `${name}/norm1`, d), name, tokens, d));
    x = feedForward(ops, x, name, config);
  }
  return flatten(ops, x, config);
}

function attendTokens<T>(ops: Ops<T>, x: T, name: string, tokens: number, d: number): T {
  const width = d / HEADS;
  const [query, key, value] = ['query', 'key', 'value'].map((part) =>
    dense(ops, x, `${name}/${part}`, d, d),
  ) as [T, T, T];
  const scale = ops.constant([1 / Math.sqrt(width)], [1]);
  const heads = Array.from({ length: HEADS }, (_, h) => {
    const part = (y: T) => ops.reshape(ops.slice(y, 2, h * width, (h + 1) * width), [-1, tokens, width]);
    const scores = ops.matMul(part(query), ops.transpose(part(key))); // [batch, tokens, tokens]
    return ops.matMul(ops.softmax(ops.mul(scores, scale)), part(value)); // [batch, tokens, width]
  });
  return dense(ops, ops.concat(heads, 2), `${name}/out`, d, d); // [batch, tokens, d]
}
