import type { Kafka, Message, Producer, Transaction } from 'kafkajs';
import type { Outcome } from '../messages/outcome.ts';
import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { DEAD_LETTER_HEADERS, encodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import { largestRecords } from './largest-records.ts';
import { isFenced, TRANSACTION_TIMEOUT_MS } from './outcome-publisher.ts';
import { afterRefusal, DEFAULT_LIMITS, isTooLarge, limitsOf, pointerTo, sizeOf } from './outcome-requests.ts';
import { javaPartitioner } from './partition-of.ts';

/** A scan that was made of records, or why there is none. */
export type MadeScan =
  | { readonly kind: 'scan'; readonly record: SourceRecord; readonly scan: Scan }
  | {
      readonly kind: 'dead-letter';
      readonly record: SourceRecord;
      readonly scan: null;
      readonly reject: Reject;
    };

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
  /** Shuts out whoever published before: they can commit no more, and their open transaction is ended. */
  claim(): Promise<void>;
  /** Publishes, and commits offsets of the source topic, all or nothing; as `OutcomePublisher.commit` otherwise. */
  commit(made: readonly MadeScan[], groups: readonly GroupOffsets[]): Promise<'committed' | 'fenced'>;
  close(): Promise<void>;
};

/** Scans, dead letters and consumed offsets, in one Kafka transaction a batch, by one producer for all partitions. */
export function scanPublisher(options: {
  readonly kafka: Kafka;
  readonly transactionalId: string;
  readonly sourceTopic: string;
  readonly scansTopic: string;
  readonly deadLettersTopic: string;
  readonly nowMs: () => number;
}): ScanPublisher {
  const { kafka, sourceTopic, scansTopic, deadLettersTopic } = options;
  let claimed: { readonly producer: Producer; next: Transaction | null } | null = null;
  let limits = DEFAULT_LIMITS;

  async function drop(): Promise<void> {
    const { producer } = claimed ?? {};
    claimed = null;
    await producer?.disconnect().catch(() => {});
  }

  function recordOf(made: MadeScan): { readonly topic: string; readonly message: Message } {
    const limitOf = (topic: string) => limits.recordBytes.get(topic) ?? Number.POSITIVE_INFINITY;
    if (made.kind === 'scan') {
      const message = { key: made.scan.sampleId, ...encodeScan(made.scan) };
      if (sizeOf(message) <= limitOf(scansTopic)) return { topic: scansTopic, message };
      const detail = `Expected a scan of less than ${limitOf(scansTopic)} bytes, got ${message.value.length}`;
      const because = reject('result-too-large', detail);
      return recordOf({ kind: 'dead-letter', record: made.record, scan: null, reject: because });
    }
    const topic = deadLettersTopic;
    const whole = deadLetter(made, options.nowMs());
    return sizeOf(whole) <= limitOf(topic)
      ? { topic, message: whole }
      : { topic, message: deadLetter(pointerTo(made), options.nowMs()) };
  }

  return {
    async claim() {
      await drop();
      const known = await largestRecords(kafka, [scansTopic, deadLettersTopic]);
      if (known.size > 0) limits = limitsOf(known);
      const producer = kafka.producer({
        transactionalId: options.transactionalId,
        idempotent: true,
        createPartitioner: javaPartitioner,
        maxInFlightRequests: 1,
        transactionTimeout: TRANSACTION_TIMEOUT_MS,
        allowAutoTopicCreation: false,
      });
      await producer.connect();
      claimed = { producer, next: await producer.transaction() };
    },

    async commit(made, groups) {
      if (claimed === null) throw new Error('Expected the transactional id to be claimed before a commit');
      let transaction: Transaction | null = null;
      let sending: { topic: string; message: Message } | null = null;
      try {
        transaction = claimed.next ?? (await claimed.producer.transaction());
        claimed.next = null;
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
        await drop();
        if (fenced) return 'fenced';
        if (sending !== null && isTooLarge(error)) {
          const { topic, message } = sending;
          const topicMessages = [{ topic, messages: [message] }];
          limits = afterRefusal(limits, { topicMessages, records: 1, bytes: sizeOf(message) });
        }
        throw error;
      }
    },
    close: drop,
  };
}

type DeadLetter = Extract<Outcome, { kind: 'dead-letter' }>;

const deadLetter = (outcome: DeadLetter, nowMs: number): Message => ({
  key: outcome.record.key,
  value: encodeDeadLetter(outcome, nowMs),
  headers: { ...DEAD_LETTER_HEADERS, reason: outcome.reject.reason },
});
