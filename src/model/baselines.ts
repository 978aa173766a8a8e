import type { NetworkConfig } from './network-config.ts';
import { conv1d, dense, type Ops } from './ops.ts';

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
