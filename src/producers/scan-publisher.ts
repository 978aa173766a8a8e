import type { Kafka, Message, Transaction } from 'kafkajs';
import type { MadeScan } from '../messages/made-scan.ts';
import { reject } from '../messages/reject.ts';
import { inFrame } from '../wire/confluent-frame.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import { type ClaimedProducers, claimedProducers, type Settle } from './claimed-producers.ts';
import { largestRecords } from './largest-records.ts';
import {
  afterRefusal,
  DEFAULT_LIMITS,
  deadLetterRecord,
  isTooLarge,
  limitOf,
  limitsOf,
  type SchemaIds,
  sizeOf,
} from './outcome-requests.ts';
import { isFenced } from './transactional-producer.ts';

/** Offsets that a transaction commits for a group. */
export type GroupOffsets = {
  readonly groupId: string;
  readonly offsets: readonly {
    readonly partition: number;
    readonly offset: bigint;
    readonly metadata: string;
  }[];
};

export type ScanPublisher = {
  /** Shuts out whoever published before, by the transactional id. */
  claim(): Promise<void>;
  /** A broker went away: the id must be claimed before it commits again. */
  readonly connectionLost: ClaimedProducers['connectionLost'];
  /** Publishes, and commits offsets of the source topic, all or nothing; as `OutcomePublisher.commit` otherwise. */
  commit(made: readonly MadeScan[], groups: readonly GroupOffsets[]): Promise<'committed' | 'fenced'>;
  close(): Promise<void>;
};

/** Scans, dead letters and consumed offsets, in one Kafka transaction a batch, by one producer for all partitions. */
export function scanPublisher(options: {
  readonly kafka: Kafka;
  readonly transactionalId: string;
  /** Groups for which offsets are committed. */
  readonly groupIds: readonly string[];
  readonly sourceTopic: string;
  readonly scansTopic: string;
  readonly deadLettersTopic: string;
  readonly nowMs: () => number;
  readonly settle?: Settle;
  /** The default: none, records are plain Avro. */
  readonly schemaIds?: SchemaIds | undefined;
}): ScanPublisher {
  const { kafka, transactionalId, sourceTopic, scansTopic, deadLettersTopic, schemaIds } = options;
  const topics = [scansTopic, deadLettersTopic];
  const producers = claimedProducers({ ...options, topics });
  let limits = DEFAULT_LIMITS;

  function recordOf(made: MadeScan): { readonly topic: string; readonly message: Message } {
    if (made.kind === 'dead-letter')
      return deadLetterRecord(made, deadLettersTopic, limits, options.nowMs(), schemaIds);
    const { record, scan } = made;
    const limit = limitOf(scansTopic, limits);
    const message = inFrame({ key: scan.sampleId, ...encodeScan(scan) }, schemaIds?.get(scansTopic));
    if (sizeOf(message) <= limit) return { topic: scansTopic, message };
    const detail = `Expected a scan of less than ${limit} bytes, got ${message.value.length}`;
    return recordOf({ kind: 'dead-letter', record, scan: null, reject: reject('result-too-large', detail) });
  }

  return {
    async claim() {
      const known = await largestRecords(kafka, topics);
      if (known.size > 0) limits = limitsOf(known);
      await producers.claim(transactionalId);
    },
    connectionLost: producers.connectionLost,

    async commit(made, groups) {
      let transaction: Transaction | null = null;
      let sending: { topic: string; message: Message } | null = null;
      try {
        transaction = await producers.begin(transactionalId);
        // Scans are few and large: one a request, so that none is refused for its neighbours.
        for (const each of made) {
          sending = recordOf(each);
          await transaction.send({ topic: sending.topic, acks: -1, messages: [sending.message] });
        }
        sending = null;
        for (const { groupId, offsets } of groups) {
          if (offsets.length === 0) continue;
          const partitions = offsets.map((each) => ({ ...each, offset: String(each.offset) }));
          await transaction.sendOffsets({
            consumerGroupId: groupId,
            topics: [{ topic: sourceTopic, partitions }],
          });
        }
        await transaction.commit();
        return 'committed';
      } catch (error) {
        const fenced = isFenced(error);
        if (!fenced && transaction?.isActive()) await transaction.abort().catch(() => {});
        await producers.drop(transactionalId);
        if (fenced) return 'fenced';
        if (sending !== null && isTooLarge(error)) {
          const { topic, message } = sending;
          const topicMessages = [{ topic, messages: [message] }];
          limits = afterRefusal(limits, { topicMessages, records: 1, bytes: sizeOf(message) });
        }
        throw error;
      }
    },
    close: producers.close,
  };
}
