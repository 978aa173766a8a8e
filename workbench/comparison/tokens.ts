import type { NetworkConfig } from '../../src/model/network-config.ts';
import { dense, layerNorm, type Ops } from '../../src/model/ops.ts';

const PATCH = 4; // bins a token
export const HEADS = 4;
export const BLOCKS = 2;

/** How many tokens a spectrum is: neighbouring bins share one, since 160 tokens would cost 20 times as much. */
export const tokensOf = ({ offsetsEv }: NetworkConfig): number => offsetsEv.length / PATCH;

/** A spectrum [batch, bins, 4] and its element [batch, elements] as tokens [batch, tokens, channels]. */
export function tokenise<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const { channels: d, elements } = config;
  const tokens = tokensOf(config);
  const patches = ops.reshape(spectrum, [-1, tokens, PATCH * 4]); // [batch, tokens, 4 bins of 4 channels]
  const x = dense(ops, patches, 'tokens', PATCH * 4, d);
  const placed = ops.add(x, ops.parameter('position', [1, tokens, d], 'glorot'));
  return ops.add(placed, ops.reshape(dense(ops, element, 'element', elements.length, d), [-1, 1, d]));
}

/** The second half of a block: [batch, tokens, channels] in and out. */
export function feedForward<T>(ops: Ops<T>, x: T, name: string, { channels: d, dropout }: NetworkConfig): T {
  const wide = ops.relu(dense(ops, layerNorm(ops, x, `${name}/norm2`, d), `${name}/wide`, d, 2 * d));
  return ops.add(x, dense(ops, ops.dropout(wide, dropout), `${name}/narrow`, 2 * d, d));
}

/** All tokens together: [batch, tokens, channels] -> [batch, features]. */
export function flatten<T>(ops: Ops<T>, x: T, config: NetworkConfig): T {
  const { channels: d, features, dropout } = config;
  const size = (tokensOf(config) * d) / 2;
  const narrow = dense(ops, ops.relu(layerNorm(ops, x, 'norm', d)), 'narrow', d, d / 2); // [batch, tokens, d / 2]
  const flat = ops.dropout(ops.reshape(narrow, [-1, size]), dropout);
  return ops.relu(dense(ops, flat, 'embedding', size, features));
}
