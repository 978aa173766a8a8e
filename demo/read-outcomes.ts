import { randomUUID } from 'node:crypto';
import { flatHeaders } from '../src/consumers/fetched-records.ts';
import type { SourceRecord } from '../src/messages/record.ts';
import { decodeDeadLetter } from '../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../src/wire/descriptors-codec.ts';
import { SCAN_ID_HEADER } from './replay/operando-run.ts';
import { quietKafkaClient } from './services/kafka-client.ts';
import type { Seen } from './tally.ts';

export type OutcomeReader = {
  /** Resolves when everything that was committed before the call has been handed over. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
};

export type OutcomeReaderOptions = {
  readonly brokers: readonly string[];
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  readonly onSeen: (outcome: Seen) => void;
};

/**
 * Reads both output topics as a user would, committed records only, from the first one on. Returns when the reader has
 * its partitions, so that what is committed from then on is seen as soon as it can be.
 */
export async function readOutcomes(options: OutcomeReaderOptions): Promise<OutcomeReader> {
  const { brokers, descriptorsTopic, deadLettersTopic, onSeen } = options;
  const topics = [descriptorsTopic, deadLettersTopic];
  const kafka = quietKafkaClient(brokers);
  const groupId = `demo-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: 100 });
  const admin = kafka.admin();
  const read = new Map<string, bigint>();
  let moved = (): void => {};

  const joined = new Promise<void>(
    (resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()),
  );
  // Transaction markers take offsets too: only the batch's end tells that the reader is past them.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    read.set(`${payload.topic}/${payload.partition}`, BigInt(payload.lastOffset) + 1n);
    moved();
  });
  await admin.connect();
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      if (message.value === null) return;
      const seenAtMs = Date.now();
      const read = topic === descriptorsTopic ? descriptorsSeen : deadLetterSeen;
      const seen = read(message.value, flatHeaders(message.headers), seenAtMs);
      if (seen !== null) onSeen(seen);
    },
  });
  await joined;

  return {
    async catchUp() {
      const ends = new Map<string, bigint>();
      for (const topic of topics) {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          ends.set(`${topic}/${partition}`, BigInt(high));
      }
      const isThere = (): boolean =>
        [...ends].every(([partition, end]) => (read.get(partition) ?? 0n) >= end);
      while (!isThere()) {
        await new Promise<void>((resolve) => {
          moved = resolve;
        });
      }
    },
    async close() {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => {});
      await admin.disconnect();
    },
  };
}

type Headers = SourceRecord['headers'];

/** Null of a preview: only a whole scan is an outcome. */
function descriptorsSeen(value: Buffer, headers: Headers, seenAtMs: number): Seen | null {
  const { scanId, partialOf, descriptors, means } = decodeDescriptors(value, headers);
  if (partialOf !== null) return null;
  return {
    kind: 'descriptors',
    scanId,
    seenAtMs,
    verdicts: Object.fromEntries([
      ...means.map(({ name, verdict }) => [`mean ${name}`, verdict]),
      ...descriptors.map(({ name, verdict }) => [name, verdict]),
    ]),
    meanOxidationState: means.find(({ name }) => name === 'OS') ?? null,
  };
}

function deadLetterSeen(value: Buffer, ownHeaders: Headers, seenAtMs: number): Seen {
  const { scanId, headers, reason } = decodeDeadLetter(value, ownHeaders);
  return {
    kind: 'dead-letter',
    scanId: scanId ?? headers[SCAN_ID_HEADER]?.toString() ?? '',
    seenAtMs,
    reason,
  };
}
