import { kafkaClient } from './kafka-client.ts';

export const DEFAULT_PARTITIONS = 4;

/**
 * Room for what a scan becomes: a dead letter holds the scan's bytes once more with its names and headers, descriptors
 * its metadata. The scans topic keeps the broker's default of 1 MB; four times that is more than any of it can grow to.
 */
const OUTPUT_SETTINGS = { 'max.message.bytes': String(4 * 1024 * 1024) };

/** Creates those of the flow's three topics that are missing; returns the names it created. */
export async function createFlowTopics(
  brokers: readonly string[],
  topics: {
    readonly TOPIC_SCANS: string;
    readonly TOPIC_DESCRIPTORS: string;
    readonly TOPIC_DEAD_LETTERS: string;
  },
  partitions: number = DEFAULT_PARTITIONS,
): Promise<string[]> {
  const outputs = [topics.TOPIC_DESCRIPTORS, topics.TOPIC_DEAD_LETTERS];
  return [
    ...(await createTopics(brokers, [topics.TOPIC_SCANS], partitions)),
    ...(await createTopics(brokers, outputs, partitions, OUTPUT_SETTINGS)),
  ];
}

/** Creates those of the topics that are missing and waits until they have leaders; returns the names it created. */
export async function createTopics(
  brokers: readonly string[],
  names: readonly string[],
  partitions: number = DEFAULT_PARTITIONS,
  settings: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const topics = missing.map((topic) => ({ topic, numPartitions: partitions, configEntries }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    return missing;
  } finally {
    await admin.disconnect();
  }
}
