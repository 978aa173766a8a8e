import type { Kafka } from 'kafkajs';
import { decodeDeadLetter } from '../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../src/wire/generated.ts';

export type SeenScan = {
  readonly sampleId: string;
  readonly sequence: number;
  /** When its descriptors were read, by performance.now(). */
  readonly atMs: number;
  readonly times: WireDescriptors['times'];
};

export type OutcomeReader = {
  /** In the order in which they came. */
  readonly seen: readonly SeenScan[];
  readonly deadLetters: number;
  /** Records of both topics that were read; what else lies in them is the brokers' own. */
  readonly records: number;
  close(): Promise<void>;
};

/** Reads what was committed, all partitions at once. */
export async function outcomeReader(
  kafka: Kafka,
  topics: { readonly TOPIC_DESCRIPTORS: string; readonly TOPIC_DEAD_LETTERS: string },
): Promise<OutcomeReader> {
  const consumer = kafka.consumer({ groupId: `${topics.TOPIC_DESCRIPTORS}-reader` });
  const seen: SeenScan[] = [];
  let deadLetters = 0;
  await consumer.connect();
  await consumer.subscribe({
    topics: [topics.TOPIC_DESCRIPTORS, topics.TOPIC_DEAD_LETTERS],
    fromBeginning: true,
  });
  await consumer.run({
    partitionsConsumedConcurrently: 16,
    eachBatch: async ({ batch }) => {
      const atMs = performance.now();
      for (const { value } of batch.messages) {
        if (batch.topic === topics.TOPIC_DEAD_LETTERS) {
          deadLetters += 1;
          console.error(`Dead letter: ${decodeDeadLetter(value!).detail}`);
        } else {
          const { sampleId, sequence, times } = decodeDescriptors(value!);
          seen.push({ sampleId, sequence: Number(sequence), atMs, times });
        }
      }
    },
  });
  return {
    seen,
    get deadLetters() {
      return deadLetters;
    },
    get records() {
      return seen.length + deadLetters;
    },
    close: () => consumer.disconnect(),
  };
}

/**
 * What became of scans whose numbers within their sample count from 0.
 * @param published sample -> how many
 */
export function tallySamples(
  seen: readonly SeenScan[],
  published: ReadonlyMap<string, number>,
): { readonly lost: number; readonly doubled: number; readonly outOfOrder: number } {
  const found = new Map<string, Set<number>>();
  const newest = new Map<string, number>();
  let [doubled, outOfOrder] = [0, 0];
  for (const { sampleId, sequence } of seen) {
    const of = found.get(sampleId) ?? new Set();
    found.set(sampleId, of);
    if (of.has(sequence)) doubled += 1;
    of.add(sequence);
    if (sequence < (newest.get(sampleId) ?? -1)) outOfOrder += 1;
    newest.set(sampleId, Math.max(sequence, newest.get(sampleId) ?? -1));
  }
  const lost = [...published].reduce((sum, [id, count]) => sum + count - (found.get(id)?.size ?? 0), 0);
  return { lost, doubled, outOfOrder };
}
