import { setTimeout } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';

const DEFAULT_PARTITIONS = 4;
const KNOWN_WITHIN_MS = 30_000;

/**
 * Room for what a scan becomes: a dead letter holds the scan's bytes once more with its names and headers, descriptors
 * its metadata. The scans topic keeps the broker's default of 1 MB; four times that is more than any of it can grow to.
 */
const OUTPUT_SETTINGS = { 'max.message.bytes': String(4 * 1024 * 1024) };

/**
 * A table: of each key the last record is kept. One partition, so that all its records have one order; a standard is
 * larger than the scan in it.
 */
const STANDARDS_SETTINGS = { 'cleanup.policy': 'compact', 'max.message.bytes': String(2 * 1024 * 1024) };

/**
 * The state of runs, processors and jobs: what is known of a run is of no use long after it is over, and no run lasts
 * for three months.
 */
const STATE_SETTINGS = {
  'cleanup.policy': 'compact,delete',
  // What is written is not compacted, and a claim reads all that is there: by default a gigabyte.
  'segment.bytes': String(16 * 1024 * 1024),
  'retention.ms': String(90 * 24 * 60 * 60 * 1000),
};

/** What people note comes at their pace, and is looked for years later. */
const ANNOTATIONS_SETTINGS = { 'retention.ms': '-1' };

/**
 * Requests are looked up by their ids for as long as they are kept: a beamline's program that begins anew reads all
 * acknowledgements. They come at the pace of people and agents, so a month of them is little.
 */
const REQUESTS_SETTINGS = { 'retention.ms': String(30 * 24 * 60 * 60 * 1000) };

export type RequestTopics = { readonly TOPIC_REQUESTS: string; readonly TOPIC_ACKNOWLEDGEMENTS: string };

/** Creates those of the topics between agents and beamlines that are missing; returns the names it created. */
export const createRequestTopics = (
  kafka: Kafka,
  { TOPIC_REQUESTS, TOPIC_ACKNOWLEDGEMENTS }: RequestTopics,
  partitions: number = DEFAULT_PARTITIONS,
): Promise<string[]> =>
  createTopics(kafka, [TOPIC_REQUESTS, TOPIC_ACKNOWLEDGEMENTS], partitions, REQUESTS_SETTINGS);

/** Creates the topic of what people note, if it is missing; returns the names it created. */
export const createAnnotationsTopic = (
  kafka: Kafka,
  { TOPIC_ANNOTATIONS }: { readonly TOPIC_ANNOTATIONS: string },
  partitions: number = DEFAULT_PARTITIONS,
): Promise<string[]> => createTopics(kafka, [TOPIC_ANNOTATIONS], partitions, ANNOTATIONS_SETTINGS);

export type FlowTopics = {
  readonly TOPIC_SCANS: string;
  readonly TOPIC_DESCRIPTORS: string;
  readonly TOPIC_DEAD_LETTERS: string;
  readonly TOPIC_STANDARDS: string;
  readonly TOPIC_RUN_REFERENCES: string;
  readonly TOPIC_RUNS: string;
};

/**
 * Creates those of the flow's topics that are missing; returns the names it created. The references' topic is given as
 * many partitions as the scans topic has, also where partitions were added to that.
 */
export async function createFlowTopics(
  kafka: Kafka,
  topics: FlowTopics,
  partitions: number = DEFAULT_PARTITIONS,
): Promise<string[]> {
  const { TOPIC_SCANS, TOPIC_STANDARDS, TOPIC_RUN_REFERENCES } = topics;
  const outputs = [topics.TOPIC_DESCRIPTORS, topics.TOPIC_DEAD_LETTERS];
  const scans = await createTopics(kafka, [TOPIC_SCANS], partitions);
  const count = await partitionsOf(kafka, TOPIC_SCANS);
  const created = [
    ...scans,
    ...(await createTopics(kafka, outputs, partitions, OUTPUT_SETTINGS)),
    ...(await createTopics(kafka, [TOPIC_STANDARDS], 1, STANDARDS_SETTINGS)),
    ...(await createTopics(kafka, [TOPIC_RUN_REFERENCES], count, STATE_SETTINGS)),
    ...(await createTopics(kafka, [topics.TOPIC_RUNS], partitions, STATE_SETTINGS)),
  ];
  await growTo(kafka, TOPIC_RUN_REFERENCES, count);
  return created;
}

export type JobTopics = Pick<FlowTopics, 'TOPIC_DESCRIPTORS'> & {
  readonly TOPIC_CHANGES: string;
  readonly TOPIC_SAMPLE_WATCHES: string;
  readonly TOPIC_ACCUMULATIONS: string;
  readonly TOPIC_ACCUMULATION_STATES: string;
};

/**
 * Creates those of the stream jobs' topics that are missing, when the descriptors topic is there; returns the names it
 * created. Each has as many partitions as that, the states also where partitions were added to it.
 */
export async function createJobTopics(kafka: Kafka, topics: JobTopics): Promise<string[]> {
  const count = await partitionsOf(kafka, topics.TOPIC_DESCRIPTORS);
  const states = [topics.TOPIC_SAMPLE_WATCHES, topics.TOPIC_ACCUMULATION_STATES];
  const created = [
    ...(await createTopics(kafka, [topics.TOPIC_CHANGES, topics.TOPIC_ACCUMULATIONS], count)),
    ...(await createTopics(kafka, states, count, STATE_SETTINGS)),
  ];
  for (const topic of states) await growTo(kafka, topic, count);
  return created;
}

async function growTo(kafka: Kafka, topic: string, count: number): Promise<void> {
  if ((await partitionsOf(kafka, topic)) < count)
    await withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }));
}

const partitionsOf = (kafka: Kafka, topic: string): Promise<number> =>
  withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.length;
  });

async function withAdmin<Result>(kafka: Kafka, run: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await run(admin);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Creates those of the topics that are missing and waits until the broker knows them; returns the names it created.
 */
export async function createTopics(
  kafka: Kafka,
  names: readonly string[],
  partitions: number = DEFAULT_PARTITIONS,
  settings: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  return withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    if (missing.length === 0) return [];
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const topics = missing.map((topic) => ({ topic, numPartitions: partitions, configEntries }));
    // kafkajs' own waiting gives up at once when the broker has not yet heard of the topic from its controller.
    await admin.createTopics({ topics, waitForLeaders: false });
    const deadlineMs = Date.now() + KNOWN_WITHIN_MS;
    for (;;) {
      const known = new Set(await admin.listTopics());
      const unknown = missing.filter((name) => !known.has(name));
      if (unknown.length === 0) return missing;
      if (Date.now() > deadlineMs)
        throw new Error(`Expected the broker to know ${unknown.join(', ')} by now`);
      await setTimeout(20);
    }
  });
}
