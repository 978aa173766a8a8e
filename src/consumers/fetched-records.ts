import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import type { SourceRecord } from '../messages/record.ts';
import { withheldBecause } from './withheld-records.ts';

export type FetchedRecords = {
  readonly records: readonly SourceRecord[];
  /**
   * Offset from which to read on; markers of transactions lie between, so it can be more than one past the last record.
   */
  readonly nextOffset: bigint;
  /** Records that lay behind these in the partition when they were fetched. */
  readonly lag: number;
};

/** A batch of the client in our own words. `receivedAtMs`: ms since 1970. */
export function fetchedRecords(batch: Batch, receivedAtMs: number): FetchedRecords {
  const { topic, partition } = batch;
  const records = recordsOf(topic, partition, batch.messages, receivedAtMs);
  const nextOffset = BigInt(batch.lastOffset()) + 1n;
  return { records, nextOffset, lag: Math.max(0, Number(BigInt(batch.highWatermark) - nextOffset)) };
}

/** Messages of the client in our own words. `receivedAtMs`: ms since 1970. */
export const recordsOf = (
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  receivedAtMs: number,
): SourceRecord[] =>
  messages.map((message): SourceRecord => {
    const headers = flatHeaders(message.headers);
    const withheld = withheldBecause(headers);
    return {
      topic,
      partition,
      offset: BigInt(message.offset),
      timestampMs: Number(message.timestamp),
      key: message.key,
      value: message.value,
      headers: withheld === undefined ? headers : {},
      receivedAtMs,
      ...(withheld !== undefined && { withheld }),
    };
  });

/**
 * Kafka allows a header key several times; the last one counts, as in Java's lastHeader. A header without a value,
 * which Kafka allows too, is as none.
 */
export function flatHeaders(headers: IHeaders | undefined): Record<string, Buffer> {
  const last: [string, Buffer][] = [];
  for (const [key, given] of Object.entries(headers ?? {})) {
    const value = Array.isArray(given) ? given.at(-1) : given;
    // Not copied: it lies in what was fetched, as the record's value does.
    if (value !== undefined && value !== null)
      last.push([key, Buffer.isBuffer(value) ? value : Buffer.from(value)]);
  }
  // fromEntries defines what it sets: a header named __proto__ is a header like any other.
  return Object.fromEntries(last);
}
