import type { NetworkConfig } from '../../src/model/network-config.ts';
import { dense, layerNorm, type Ops } from '../../src/model/ops.ts';
import { BLOCKS, feedForward, flatten, HEADS, tokenise, tokensOf } from './tokens.ts';

/** Prompts of each kind of attention: both kinds together are as many as there are tokens. */
const promptsOf = (tokens: number): number => tokens / 2;
/** Tokens that a prompt takes. */
const LARGEST = 8;
/** Under the logarithm. */
const EPSILON = 0.1;
/** Products end here, at e^3: nothing else bounds them. */
const MOST = 3;

/**
 * After AMFormer (Cheng et al., AAAI 2024, arXiv 2402.02334), written from the paper's text. In each block two kinds of
 * attention stand side by side: sums of tokens, and, on logarithms, products of powers of them. Queries are learned
 * prompts and not the tokens; each takes its few best tokens alone (hard attention). Both answers are laid beside each
 * other and projected back onto the tokens. Tokens, feed-forward and answer are those of `transformer`, so that the
 * attention is all that differs. Nothing reads the rest of the batch.
 */
export function amformer<T>(ops: Ops<T>, spectrum: T, element: T, config: NetworkConfig): T {
  const { channels: d } = config;
  const tokens = tokensOf(config);
  const prompts = promptsOf(tokens);
  let x = tokenise(ops, spectrum, element, config);
  for (let block = 0; block < BLOCKS; block++) {
    const name = `block${block}`;
    const normal = layerNorm(ops, x, `${name}/norm1`, d);
    const logs = ops.log(ops.add(ops.relu(normal), ops.constant([EPSILON], [1])));
    const sums = promptAttention(ops, normal, `${name}/sum`, tokens, d); // [batch, prompts, d]
    const products = ops.exp(atMost(ops, promptAttention(ops, logs, `${name}/product`, tokens, d), MOST));
    const both = ops.transpose(ops.concat([sums, products], 1)); // [batch, d, 2 prompts]
    const fused = ops.transpose(dense(ops, both, `${name}/fuse`, 2 * prompts, tokens));
    x = ops.add(x, dense(ops, fused, `${name}/out`, d, d));
    x = feedForward(ops, x, name, config);
  }
  return flatten(ops, x, config);
}

/** What learned prompts take from the tokens: [batch, tokens, d] -> [batch, prompts, d]. */
function promptAttention<T>(ops: Ops<T>, x: T, name: string, tokens: number, d: number): T {
  const width = d / HEADS;
  const key = dense(ops, x, `${name}/key`, d, d);
  const value = dense(ops, x, `${name}/value`, d, d);
  const scale = ops.constant([1 / Math.sqrt(width)], [1]);
  const heads = Array.from({ length: HEADS }, (_, h) => {
    const part = (y: T) => ops.reshape(ops.slice(y, 2, h * width, (h + 1) * width), [-1, tokens, width]);
    const prompts = ops.parameter(`${name}/prompts${h}`, [width, promptsOf(tokens)], 'he');
    const scores = ops.transpose(ops.mul(ops.matMul(part(key), prompts), scale)); // [batch, prompts, tokens]
    return ops.matMul(ops.softmaxOfLargest(scores, LARGEST), part(value)); // [batch, prompts, width]
  });
  return ops.concat(heads, 2);
}

/** The lesser of x and a number. */
function atMost<T>(ops: Ops<T>, x: T, most: number): T {
  const ceiling = ops.constant([most], [1]);
  return ops.sub(ceiling, ops.relu(ops.sub(ceiling, x)));
}
