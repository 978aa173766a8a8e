import { type ReadPartitionOptions, readPartition } from './read-partition.ts';

export type ReadNewestOptions = Omit<ReadPartitionOptions, 'from'> & {
  /** So many offsets before the end reading begins, the first time. */
  readonly span: number;
  /** Before each time: what was read before is read again. */
  readonly anew: () => void;
  /** Whether what was read is all that is wanted. */
  readonly isEnough: () => boolean;
};

/** Four times as far back each time: all times together cost a third more than the last one. */
const FURTHER = 4n;

/**
 * Reads the end of a partition, from further and further back until it is enough, or all. A claim waits for it, so what
 * it costs is to depend on what is wanted, and not on how much was ever written.
 */
export async function readNewest({ span, anew, isEnough, ...options }: ReadNewestOptions): Promise<void> {
  const { fetcher, topic, partition } = options;
  for (let back = BigInt(span); ; back *= FURTHER) {
    const first = await fetcher.first(topic, partition);
    const from = (await fetcher.end(topic, partition)) - back;
    anew();
    await readPartition({ ...options, from });
    if (from <= first || isEnough()) return;
  }
}
