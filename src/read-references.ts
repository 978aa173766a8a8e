import type { PartitionFetcher } from './consumers/partition-fetcher.ts';
import { readPartition } from './consumers/read-partition.ts';
import type { KeptReference } from './messages/standard.ts';
import { decodeRunReference } from './wire/run-reference-codec.ts';

/**
 * What is committed of a partition of the references' topic, in the order in which it was made. Throws where a record
 * is none: only processors write there.
 */
export async function readReferences(
  fetcher: PartitionFetcher,
  topic: string,
  partition: number,
  { nowMs, sleep }: { readonly nowMs: () => number; readonly sleep: (ms: number) => Promise<void> },
): Promise<readonly KeptReference[]> {
  const kept: KeptReference[] = [];
  await readPartition({
    ...{ fetcher, topic, partition, nowMs, sleep },
    onRecords(records) {
      for (const record of records) kept.push(decodeRunReference(record));
    },
  });
  return kept;
}
