import type { PartitionFetcher } from './consumers/partition-fetcher.ts';
import { kafkaErrorType } from './errors.ts';
import type { SourceRecord } from './messages/record.ts';
import { isReject } from './messages/reject.ts';
import type { Scan } from './messages/scan.ts';
import type { WireDescriptors } from './wire/generated.ts';
import { decodeScan } from './wire/scan-codec.ts';

/**
 * Looks up the scans that events are of, each by the place of its record. Events name places that grow, so that one
 * fetch serves many; one fetch a partition is in memory.
 * @returns null where the record is gone, or is none of that scan: its topic was made anew
 */
export function rawScans(
  fetcher: PartitionFetcher,
): (source: WireDescriptors['source'], scanId: string) => Promise<Scan | null> {
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

  return async ({ topic, partition, offset }, scanId) => {
    const record = await recordAt(topic, partition, BigInt(offset));
    const scan = record && decodeScan(record);
    return scan === null || isReject(scan) || scan.scanId !== scanId ? null : scan;
  };
}
