import { randomInt } from 'node:crypto';

/**
 * The partition of a key as Java's default partitioner chooses it: murmur2 of the key's bytes, so that clients of any
 * language put a sample's records where ours go. kafkajs has the same by 64-bit arithmetic on objects, some 18 us a
 * byte, with which a key of a megabyte outlasts a session.
 */
export function partitionOf(key: Buffer | string | null | undefined, partitions: number): number {
  if (key === null || key === undefined) return randomInt(partitions);
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

/** For kafkajs: `createPartitioner`. */
export const javaPartitioner =
  () =>
  ({ message, partitionMetadata }: PartitionerArguments): number =>
    message.partition ?? partitionOf(message.key, partitionMetadata.length);

type PartitionerArguments = {
  readonly message: { readonly key?: Buffer | string | null; readonly partition?: number };
  readonly partitionMetadata: readonly unknown[];
};

/** MurmurHash2 by Austin Appleby, 32 bits, with the seed of org.apache.kafka.common.utils.Utils.murmur2. */
export function murmur2(bytes: Buffer): number {
  const { length } = bytes;
  let h = 0x9747b28c ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = Math.imul(bytes.readInt32LE(i), MIX);
    k = Math.imul(k ^ (k >>> 24), MIX);
    h = Math.imul(h, MIX) ^ k;
  }
  const left = length - i;
  if (left === 3) h ^= bytes[i + 2]! << 16;
  if (left >= 2) h ^= bytes[i + 1]! << 8;
  if (left >= 1) h = Math.imul(h ^ bytes[i]!, MIX);
  h = Math.imul(h ^ (h >>> 13), MIX);
  return h ^ (h >>> 15);
}

const MIX = 0x5bd1e995;
