import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import getPort from 'get-port';
import { createTopics } from '../../src/producers/create-topics.ts';
import { createProducer, quietKafkaClient } from './kafka-client.ts';
import { type RunningProcess, startProcess } from './start-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type KafkaService = {
  readonly brokers: string[];
  readonly pid: number;
  /**
   * Kills the broker as `signal` does, leaves it away for `awayMs`, and starts it again with its data, where it was.
   */
  restart(signal: 'SIGTERM' | 'SIGKILL', awayMs: number): Promise<void>;
  close(): Promise<void>;
};

export type KafkaOptions = {
  /** Of the broker's Java. The default compiles quickly instead of well: half the CPU of a start, for small rates. */
  readonly javaOptions?: readonly string[];
  /** Broker settings on top of, or in place of, ours. */
  readonly settings?: Readonly<Record<string, string>>;
};

const root = join(import.meta.dirname, '../..');
const libs = join(root, '.cache/kafka/libs');
const QUICK_JAVA = ['-Xmx512m', '-XX:TieredStopAtLevel=1'];
/** A UUID in base64; one for all, since each broker is a cluster of its own. */
const CLUSTER_ID = 'eGFuZXMtc3RyZWFtLWthZg';
const START_ATTEMPTS = 3;
const COORDINATOR_DEADLINE_MS = 30_000;

/**
 * One Kafka node (KRaft) of our own on free loopback ports, with its data in a temporary folder.
 * Returns when it works: the group coordinator and the transaction coordinator have answered.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaService> {
  fetchKafka();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Another process may take a free port between our choosing it and the broker's binding it.
      if (attempt === START_ATTEMPTS || !/BindException|Address already in use/.test(String(error)))
        throw error;
    }
  }
}

async function startOnce({ javaOptions = QUICK_JAVA, settings = {} }: KafkaOptions): Promise<KafkaService> {
  const folder = temporaryFolder('kafka');
  let broker: RunningProcess | undefined;
  try {
    const port = await getPort({ host: '127.0.0.1' });
    const controllerPort = await getPort({ host: '127.0.0.1' });
    const file = join(folder.path, 'server.properties');
    const properties = { ...brokerSettings(port, controllerPort, join(folder.path, 'data')), ...settings };
    writeFileSync(
      file,
      Object.entries(properties)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );

    const classPath = ['-cp', `${libs}/*`, '-Dlog4j2.level=WARN'];
    const format = await startProcess("Kafka's storage tool", {
      command: 'java',
      args: [
        '-Xmx128m',
        '-XX:TieredStopAtLevel=1',
        ...classPath,
        'kafka.tools.StorageTool',
        'format',
        '-t',
        CLUSTER_ID,
        '-c',
        file,
      ],
    });
    const formatted = await format.exited;
    if (formatted.code !== 0) throw new Error(`Kafka's storage could not be formatted:\n${format.output()}`);

    const brokers = [`127.0.0.1:${port}`];
    const launch = () =>
      startProcess('Kafka', {
        command: 'java',
        args: [...javaOptions, ...classPath, 'kafka.Kafka', file],
        ready: () => answers(brokers),
      });
    broker = await launch();
    await completeTransaction(brokers);
    let running = broker;
    return {
      brokers,
      pid: broker.pid,
      async restart(signal, awayMs) {
        running.signal(signal);
        await running.exited;
        await setTimeout(awayMs);
        running = await launch();
      },
      async close() {
        await running.stop();
        folder.remove();
      },
    };
  } catch (error) {
    await broker?.stop();
    folder.remove();
    throw error;
  }
}

/** The settings that docker-compose.yml repeats for those who have Docker; a test holds the two together. */
function brokerSettings(port: number, controllerPort: number, dataFolder: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataFolder,
    ...SHARED_BROKER_SETTINGS,
  };
}

/** What does not depend on where the broker runs. */
export const SHARED_BROKER_SETTINGS = {
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  // Fault tests freeze a processor beyond its session; with the default minimum of 6 s each would wait for that.
  'group.min.session.timeout.ms': '1000',
  // The cleaner allocates this at start, 128 MB by default: a quarter of the heap for topics this small.
  'log.cleaner.dedupe.buffer.size': '4194304',
} as const;

/** Kafka's jars come by Maven, which `npm run setup` looks after; nothing is done when they are there. */
function fetchKafka(): void {
  const current = readFileSync(join(root, 'demo/services/pom.xml'), 'utf8');
  const fetched = join(root, '.cache/kafka/pom.xml');
  if (existsSync(fetched) && readFileSync(fetched, 'utf8') === current) return;
  execFileSync(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'setup', 'services'], {
    stdio: ['ignore', 2, 2],
  });
}

async function answers(brokers: string[]): Promise<boolean> {
  const admin = quietKafkaClient(brokers, { retries: 0 }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
    return true;
  } finally {
    await admin.disconnect();
  }
}

/**
 * The first calls to the coordinators create their topics and are refused for a second. Going through one
 * transaction here means that nobody after us meets that. It is aborted, and its topic deleted: no trace stays.
 */
async function completeTransaction(brokers: string[]): Promise<void> {
  const kafka = quietKafkaClient(brokers);
  const admin = kafka.admin();
  const topic = `start-${randomUUID()}`;
  await admin.connect();
  try {
    await createTopics(kafka, [topic], 1);
    const deadlineMs = Date.now() + COORDINATOR_DEADLINE_MS;
    for (;;) {
      const producer = createProducer(kafka, { transactionalId: topic });
      try {
        await producer.connect();
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: 'x' }] });
        const topics = [{ topic, partitions: [{ partition: 0, offset: '0' }] }];
        await transaction.sendOffsets({ consumerGroupId: topic, topics });
        await transaction.abort();
        break;
      } catch (error) {
        // kafkajs passes on NOT_COORDINATOR for offsets in a transaction, retriable as it is.
        if (Date.now() > deadlineMs || !(error as { retriable?: boolean }).retriable) throw error;
        await setTimeout(50);
      } finally {
        await producer.disconnect();
      }
    }
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}
