import { kafkaClient } from './kafka-client.ts';

export const DEFAULT_PARTITIONS = 4;

/** Creates those of the topics that are missing and waits until they have leaders; returns the names it created. */
export async function createTopics(
  brokers: readonly string[],
  names: readonly string[],
  partitions: number = DEFAULT_PARTITIONS,
): Promise<string[]> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    const topics = missing.map((topic) => ({ topic, numPartitions: partitions }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    return missing;
  } finally {
    await admin.disconnect();
  }
}
