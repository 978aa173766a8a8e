import { FatalError } from '../common/errors.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import type { Config } from '../runtime/config.ts';

/** Marks every event and dead letter of a reprocessing, and says of which. */
export const HEADER_REPROCESS = 'reprocess';

type ReprocessTopics = Pick<Config, 'TOPIC_DESCRIPTORS' | 'TOPIC_DEAD_LETTERS' | 'TOPIC_RUN_REFERENCES'>;

/**
 * The topics that a reprocessing writes to, by that of its events.
 * @throws FatalError where one of them is a live one
 */
export function reprocessTopics(config: Config, to: string): ReprocessTopics {
  const topics = {
    TOPIC_DESCRIPTORS: to,
    TOPIC_DEAD_LETTERS: `${to}.dead-letters`,
    TOPIC_RUN_REFERENCES: `${to}.run-references`,
  };
  const live = Object.entries(config).filter(([key]) => key.startsWith('TOPIC_'));
  for (const name of Object.values(topics)) {
    const taken = live.find(([, value]) => value === name);
    if (taken !== undefined)
      throw new FatalError(`Expected --to to name a topic of its own, got ${to}: ${name} is ${taken[0]}`);
  }
  return topics;
}

/**
 * Whether a topic is empty or missing, or holds what this very job has written.
 * @param job that its records are marked with
 * @throws FatalError where it holds anything else, such as what a live processor has written
 */
export async function checkReprocessTopic(
  fetcher: PartitionFetcher,
  topics: readonly string[],
  job: string,
): Promise<void> {
  for (const topic of topics) {
    for (const partition of await partitionsOf(fetcher, topic)) {
      const end = await fetcher.end(topic, partition);
      let at = await fetcher.first(topic, partition);
      while (at < end) {
        const { records, next } = await fetcher.fetch(topic, partition, at, 0);
        const mark = records[0]?.headers[HEADER_REPROCESS]?.toString();
        if (mark === job) break;
        if (records.length > 0)
          throw new FatalError(
            `Expected --to to name a topic that is empty, or of this very reprocessing, got ${topic}, which holds ` +
              (mark === undefined ? 'other events' : 'those of another range, model or LEAST_TRUST'),
          );
        if (next === at) break; // a transaction is open
        at = next;
      }
    }
  }
}

/** None where there is no such topic. */
export const partitionsOf = (fetcher: PartitionFetcher, topic: string): Promise<readonly number[]> =>
  fetcher.partitions(topic).catch((error) => {
    if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    throw error;
  });
