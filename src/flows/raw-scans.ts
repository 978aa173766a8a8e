import { kafkaErrorType } from '../common/errors.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import type { RecordedScans } from './recorded-scans.ts';

/**
 * Looks up the scans of the records that events are of, by their place. Events name places that grow, so that one
 * fetch serves many; one fetch a partition is in memory.
 * @returns the scans of the record, none where it is gone
 */
export function rawScans(
  fetcher: PartitionFetcher,
  recorded: RecordedScans,
): (source: WireDescriptors['source']) => Promise<readonly Scan[]> {
  const fetched = new Map<
    string,
    { readonly from: bigint; readonly next: bigint; records: Map<bigint, SourceRecord> }
  >();

  /** place -> the first offset that is still there, where something was asked for that is gone. */
  const firsts = new Map<string, bigint>();

  async function recordAt(topic: string, partition: number, offset: bigint): Promise<SourceRecord | null> {
    const place = `${topic}/${partition}`;
    if (offset < (firsts.get(place) ?? 0n)) return null;
    let held = fetched.get(place);
    if (held === undefined || offset < held.from || offset >= held.next) {
      try {
        const { records, next } = await fetcher.fetch(topic, partition, offset, 0);
        held = { from: offset, next, records: new Map(records.map((record) => [record.offset, record])) };
        fetched.set(place, held);
      } catch (error) {
        if (kafkaErrorType(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
        firsts.set(place, await fetcher.first(topic, partition));
        return null;
      }
    }
    return held.records.get(offset) ?? null;
  }

  /** Events of one record follow each other. */
  let last: { readonly at: string; readonly scans: readonly Scan[] } | null = null;

  return async ({ topic, partition, offset }) => {
    const at = `${topic}/${partition}/${offset}`;
    if (last?.at === at) return last.scans;
    const record = await recordAt(topic, partition, BigInt(offset));
    const [scans] = record === null ? [[]] : await recorded.of([record]);
    last = { at, scans: isReject(scans!) ? [] : scans! };
    return last.scans;
  };
}
