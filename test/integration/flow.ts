import { randomUUID } from 'node:crypto';
import type { CompressionTypes, EachMessageHandler, Kafka, Message, Producer } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { flatHeaders } from '../../src/consumers/fetched-records.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { createFlowTopics, createTopics } from '../../src/producers/create-topics.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { WireDeadLetter, WireDescriptors } from '../../src/wire/generated.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { until } from '../until.ts';
import { startPatientReader } from './patient-reader.ts';

/** What a read_committed reader saw, in the order in which it came. */
export type Outcomes = {
  readonly descriptors: readonly WireDescriptors[];
  readonly deadLetters: readonly WireDeadLetter[];
  /** Scans, by partition/offset and id, that came out more than once; records of which nothing came out. */
  readonly doubled: readonly string[];
  readonly lost: readonly string[];
};

export type FlowOptions = {
  readonly partitions?: number;
  /** Settings of topics as an operator may have made them; ours by default. */
  readonly outputSettings?: Readonly<Record<string, string>>;
  readonly scanSettings?: Readonly<Record<string, string>>;
};

export type Flow = {
  readonly kafka: Kafka;
  readonly env: Readonly<Record<string, string>>;
  publish(scans: readonly Scan[]): Promise<void>;
  publishMessages(messages: Message[], compression?: CompressionTypes): Promise<void>;
  /** `npm start`, ready when it says so, or `program` in its place. */
  start(env?: Readonly<Record<string, string>>, program?: string): Promise<RunningProcess>;
  /** How many outcomes have been seen up to now. */
  seen(): number;
  /** Comes back when every scan is committed and every outcome before that was read. */
  outcomes(): Promise<Outcomes>;
  close(): Promise<void>;
};

/** Ends what would wait for ever; where others have the cores, a start takes minutes. */
const READY_WITHIN_MS = 240_000;
const COMMITTED_WITHIN_MS = 600_000;
/** A service ends itself after 8 s, whatever it waits for; a machine may take long to hear of it. */
export const GRACE_MS = 60_000;

/** Topics, a producer and a reader of their own, around any number of real processors on the broker of the test run. */
export async function startFlow(
  brokers: readonly string[],
  { partitions = 4, outputSettings, scanSettings }: FlowOptions = {},
): Promise<Flow> {
  const id = randomUUID().slice(0, 8);
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_GROUP: `flow-${id}`,
    TOPIC_SCANS: `scans-${id}`,
    TOPIC_DESCRIPTORS: `descriptors-${id}`,
    TOPIC_DEAD_LETTERS: `dead-letters-${id}`,
    TOPIC_STANDARDS: `standards-${id}`,
    TOPIC_RUN_REFERENCES: `run-references-${id}`,
    TOPIC_RUNS: `runs-${id}`,
  };
  const outputs = [env.TOPIC_DESCRIPTORS, env.TOPIC_DEAD_LETTERS];
  if (outputSettings) await createTopics(quietKafkaClient(brokers), outputs, partitions, outputSettings);
  if (scanSettings)
    await createTopics(quietKafkaClient(brokers), [env.TOPIC_SCANS], partitions, scanSettings);
  await createFlowTopics(quietKafkaClient(brokers), env, partitions);
  const kafka = quietKafkaClient(brokers, { retries: 200 }); // a broker may be away for minutes
  const admin = kafka.admin();
  // A broker that goes away may have taken what it did not acknowledge; without this it would be published twice.
  const producer: Producer = createProducer(kafka, { idempotent: true, maxInFlightRequests: 1 });
  await Promise.all([admin.connect(), producer.connect()]);

  const descriptors: WireDescriptors[] = [];
  const deadLetters: WireDeadLetter[] = [];
  const ended = new Set<string>();
  // The reader's own group is at least once: after a broker's restart it may be handed what it has already read.
  const read = new Set<string>();
  const eachMessage: EachMessageHandler = async ({ topic, partition, message }) => {
    const place = `${topic}/${partition}/${message.offset}`;
    if (read.has(place)) return;
    read.add(place);
    if (message.value!.length === 0) ended.add(`${topic}/${partition}`);
    else if (topic === env.TOPIC_DESCRIPTORS)
      descriptors.push(decodeDescriptors(message.value!, flatHeaders(message.headers)));
    else deadLetters.push(decodeDeadLetter(message.value!, flatHeaders(message.headers)));
  };
  const reader = await startPatientReader(kafka, `reader-${id}`, outputs, { eachMessage });

  async function allCommitted(): Promise<boolean> {
    return everyOffsetIsCommitted().catch((error) => {
      // A broker that has just come back does not know its groups yet.
      if (error.retriable) return false;
      throw error;
    });
  }

  async function everyOffsetIsCommitted(): Promise<boolean> {
    const [group] = await admin.fetchOffsets({ groupId: env.KAFKA_GROUP, topics: [env.TOPIC_SCANS] });
    const ends = await admin.fetchTopicOffsets(env.TOPIC_SCANS);
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, offset]));
    return ends.every(({ partition, high }) => high === '0' || committed.get(partition) === high);
  }

  async function sourceRecords(): Promise<string[]> {
    const ends = await admin.fetchTopicOffsets(env.TOPIC_SCANS);
    return ends.flatMap(({ partition, high }) =>
      Array.from({ length: Number(high) }, (_, offset) => `${partition}/${offset}`),
    );
  }

  return {
    kafka,
    env,
    publish: (scans) =>
      producer
        .send({
          topic: env.TOPIC_SCANS,
          messages: scans.map((scan) => ({ key: scan.sampleId, ...encodeScan(scan) })),
        })
        .then(() => {}),
    async publishMessages(messages, compression) {
      await producer.send({ topic: env.TOPIC_SCANS, messages, ...(compression && { compression }) });
    },
    async start(extra = {}, program = 'src/bin/processor.ts') {
      const processor = await startProcess('processor', {
        ...typescript(program),
        env: { ...env, ...extra },
        ready: /"msg":"processing"/,
        readyTimeoutMs: READY_WITHIN_MS,
        graceMs: GRACE_MS,
      });
      addressOf(processor);
      return processor;
    },
    seen: () => descriptors.length + deadLetters.length,
    async outcomes() {
      await until(allCommitted, COMMITTED_WITHIN_MS);
      // An empty record behind all others: who has seen it has seen what was committed before it.
      const ends = Array.from({ length: partitions }, (_, partition) => ({
        partition,
        value: Buffer.alloc(0),
      }));
      ended.clear();
      for (const topic of outputs) await producer.send({ topic, messages: ends });
      await until(async () => {
        reader.check();
        return ended.size === partitions * outputs.length;
      });
      const times = new Map<string, number>();
      const answered = new Set<string>();
      for (const { source, scanId } of [...descriptors, ...deadLetters]) {
        const record = `${source.partition}/${source.offset}`;
        answered.add(record);
        // A record may hold several scans.
        const outcome = `${record} ${scanId}`;
        times.set(outcome, (times.get(outcome) ?? 0) + 1);
      }
      return {
        descriptors: [...descriptors],
        deadLetters: [...deadLetters],
        doubled: [...times].filter(([, n]) => n > 1).map(([outcome]) => outcome),
        lost: (await sourceRecords()).filter((record) => !answered.has(record)),
      };
    },
    close: () => Promise.all([reader.close(), producer.disconnect(), admin.disconnect()]).then(() => {}),
  };
}

/** A process keeps the end of its output alone, and says its address at the start. */
const addresses = new WeakMap<RunningProcess, string>();

/** The address that a processor says it serves /healthz, /readyz and /metrics at. */
export function addressOf(processor: RunningProcess): string {
  const url = addresses.get(processor) ?? /"url":"([^"]+)"/.exec(processor.output())?.[1];
  if (url === undefined) throw new Error(`Expected a url in the log:\n${processor.output()}`);
  addresses.set(processor, url);
  return url;
}

/** The largest resident memory of these processes now, MB. */
export async function memoryMb(...processors: readonly RunningProcess[]): Promise<number> {
  const bytes = await Promise.all(processors.map((each) => metric(each, 'process_resident_memory_bytes')));
  return Math.max(...bytes) / 2 ** 20;
}

/** A metric's value summed over its labels, as /metrics says it now. `labels`: a part of the text in braces. */
export async function metric(processor: RunningProcess, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${addressOf(processor)}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
