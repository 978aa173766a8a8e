import { FatalError } from '../common/errors.ts';
import type { Answer } from '../comparison/answer.ts';
import { answerOfDeadLetter, answerOfEvent } from '../comparison/answer.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import { readPartition } from '../consumers/read-partition.ts';
import type { SourceRecord } from '../messages/record.ts';
import { decodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../wire/descriptors-codec.ts';

export type ReadAnswersOptions = {
  readonly fetcher: PartitionFetcher;
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  readonly onAnswer: (answer: Answer) => void;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

/**
 * All that was said of scans up to now, events and dead letters as they are committed, partition by partition:
 * two topics that are read so side by side, of the same keys, come to the same scans at about the same time.
 * @throws FatalError where a topic is missing
 */
export async function readAnswers(options: ReadAnswersOptions): Promise<void> {
  const { fetcher, descriptorsTopic, deadLettersTopic, onAnswer, nowMs, sleep } = options;

  async function read(topic: string, answerOf: (record: SourceRecord) => Answer): Promise<void> {
    const partitions = await fetcher.partitions(topic);
    if (partitions.length === 0) throw new FatalError(`Expected topic ${topic} to exist`);
    for (const partition of partitions)
      await readPartition({
        ...{ fetcher, topic, partition, nowMs, sleep },
        onRecords(records) {
          for (const record of records)
            if (record.value !== null && record.value.length > 0) onAnswer(answerOf(record));
        },
      });
  }

  await read(descriptorsTopic, ({ value, headers }) => answerOfEvent(decodeDescriptors(value!, headers)));
  await read(deadLettersTopic, ({ value }) => answerOfDeadLetter(decodeDeadLetter(value!)));
}
