import { newestEntries } from '../common/newest-entries.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import { readNewest } from '../consumers/read-newest.ts';
import type { KeptReference } from '../messages/standard.ts';
import { REFERENCES_HELD } from '../standards/run-references.ts';
import { decodeRunReference, runKeyOf } from '../wire/run-reference-codec.ts';

/** Where a batch makes one reference, a transaction's marker lies beside it. */
const OFFSETS_OF_ONE = 2;

/**
 * The newest references that are committed in a partition of their topic, as many as a processor holds, in the order in
 * which they were made. Throws where a record is none: only processors write there.
 */
export async function readReferences(
  fetcher: PartitionFetcher,
  topic: string,
  partition: number,
  { nowMs, sleep }: { readonly nowMs: () => number; readonly sleep: (ms: number) => Promise<void> },
  most = REFERENCES_HELD,
): Promise<readonly KeptReference[]> {
  let kept = newestEntries<string, KeptReference>(most);
  await readNewest({
    ...{ fetcher, topic, partition, nowMs, sleep },
    span: most * OFFSETS_OF_ONE,
    anew() {
      kept = newestEntries(most);
    },
    onRecords(records) {
      for (const record of records) {
        const each = decodeRunReference(record);
        kept.set(runKeyOf(each.reference), each);
      }
    },
    isEnough: () => kept.size === most,
  });
  return [...kept.values()];
}
