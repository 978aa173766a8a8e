import type { Kafka } from 'kafkajs';
import type { Outcome } from '../messages/outcome.ts';
import type { KeptReference } from '../messages/standard.ts';
import { encodeRunReference } from '../wire/run-reference-codec.ts';
import type { Settle } from './claimed-producers.ts';
import { type CommitTogether, commitTogether, type NextOffset } from './commit-together.ts';
import { outcomeRecord, type SchemaIds } from './outcome-record.ts';
import type { KnownLimits } from './size-limits.ts';

export type OutcomePublisherOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly scansTopic: string;
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  /** Has as many partitions as the scans topic. */
  readonly referencesTopic: string;
  /** Headers of every event and dead letter beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  /** The default: none, records are plain Avro. */
  readonly schemaIds?: SchemaIds | undefined;
  /** The default, one id a partition for the whole group, is what makes exactly-once hold: see docs/adr/0002. */
  readonly transactionalId?: (partition: number) => string;
  readonly settle?: Settle;
  readonly limits?: KnownLimits;
};

export type OutcomePublisher = {
  /** Takes the partition, by its transactional id. */
  claim(partition: number): Promise<void>;
  /** A broker went away: all partitions must be claimed before they commit again. */
  readonly connectionLost: CommitTogether['connectionLost'];
  /**
   * Publishes the outcomes, keeps the references that were made among them in the partition of their topic that has the
   * same number, and commits `next` of the scans' partition, as `CommitTogether.commit`. The result: the outcomes that
   * were published, dead letters in the place of what was too large.
   */
  commit(
    partition: number,
    outcomes: readonly Outcome[],
    next: NextOffset,
    references: readonly KeptReference[],
  ): Promise<readonly Outcome[] | 'fenced'>;
  close(): Promise<void>;
};

/**
 * Descriptors, dead letters and consumed offsets, in one Kafka transaction a batch; a producer for each input
 * partition.
 */
export function outcomePublisher(options: OutcomePublisherOptions): OutcomePublisher {
  const { groupId, scansTopic, descriptorsTopic, deadLettersTopic, referencesTopic } = options;
  const transactionalId = options.transactionalId ?? ((partition) => `${groupId}-${scansTopic}-${partition}`);
  const transactions = commitTogether({
    ...options,
    ...{ groupIds: [groupId], sourceTopic: scansTopic },
    topics: [descriptorsTopic, deadLettersTopic, referencesTopic],
  });
  return {
    claim: (partition) => transactions.claim(transactionalId(partition)),
    connectionLost: transactions.connectionLost,
    async commit(partition, outcomes, next, references) {
      const nowMs = options.nowMs();
      const published = await transactions.commit(
        transactionalId(partition),
        (limits) => [
          ...outcomes.map((outcome) => outcomeRecord(outcome, options, limits, nowMs)),
          ...references.map((kept) => ({
            topic: referencesTopic,
            message: { ...encodeRunReference(kept), partition },
            outcome: null,
          })),
        ],
        [{ groupId, offsets: [{ partition, ...next }] }],
      );
      return published === 'fenced' ? published : published.flatMap(({ outcome }) => outcome ?? []);
    },
    close: transactions.close,
  };
}
