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
  /** Where users log in; none without users. */
  readonly saslBrokers: string[];
  readonly pid: number;
  /** Where its topics lie. */
  readonly dataFolder: string;
  /**
   * Kills the broker as `signal` does, leaves it away for `awayMs`, and starts it again with its data, where it was.
   */
  restart(signal: 'SIGTERM' | 'SIGKILL', awayMs: number): Promise<void>;
  /** Sends the broker a signal, such as SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the broker; `restart` brings it back. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export type KafkaOptions = {
  /** Of the broker's Java. The default compiles quickly instead of well: half the CPU of a start, for small rates. */
  readonly javaOptions?: readonly string[];
  /** Broker settings on top of, or in place of, ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One of several nodes of a cluster: its number, its ports, and how the nodes find each other. */
  readonly node?: ClusterNode;
  /** Port that this broker, and others, know it by among themselves: of whoever stands between. */
  readonly advertiseBetweenBrokers?: (ownPort: number) => number;
  /**
   * Name -> password of users who may do what access control lists say, by SASL PLAIN at `saslBrokers`. At `brokers`
   * everybody may do everything.
   */
  readonly users?: Readonly<Record<string, string>>;
};

export type ClusterNode = {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** `controller.quorum.voters`: id@host:port of every node. */
  readonly voters: string;
};

const root = join(import.meta.dirname, '../..');
const libs = join(root, '.cache/kafka/libs');
const QUICK_JAVA = ['-Xmx512m', '-XX:TieredStopAtLevel=1'];
/** A UUID in base64; one for all, since each broker is a cluster of its own. */
const CLUSTER_ID = 'eGFuZXMtc3RyZWFtLWthZg';
const START_ATTEMPTS = 3;
/** Ends what would wait for ever; a start takes 3 s, and a minute where others have the cores. */
const READY_WITHIN_MS = 240_000;
const COORDINATOR_DEADLINE_MS = 240_000;

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

async function startOnce(options: KafkaOptions): Promise<KafkaService> {
  const { javaOptions = QUICK_JAVA, settings = {}, users, node, advertiseBetweenBrokers } = options;
  const folder = temporaryFolder('kafka');
  let broker: RunningProcess | undefined;
  try {
    const { port, controllerPort, id, voters } = node ?? (await onlyNode());
    const file = join(folder.path, 'server.properties');
    const ours = brokerSettings({ id, port, controllerPort, voters }, join(folder.path, 'data'));
    const saslPort = users && (await getPort({ host: '127.0.0.1' }));
    const login = saslPort === undefined ? {} : loginSettings(ours, saslPort, users ?? {});
    const betweenPort = advertiseBetweenBrokers && (await getPort({ host: '127.0.0.1' }));
    const between =
      betweenPort === undefined
        ? {}
        : betweenBrokersSettings(ours, betweenPort, advertiseBetweenBrokers!(betweenPort));
    const properties = { ...ours, ...login, ...between, ...settings };
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
        readyTimeoutMs: READY_WITHIN_MS,
      });
    broker = await launch();
    await completeTransaction(brokers);
    let running = broker;
    return {
      brokers,
      saslBrokers: saslPort === undefined ? [] : [`127.0.0.1:${saslPort}`],
      pid: broker.pid,
      dataFolder: join(folder.path, 'data'),
      signal: (signal) => running.signal(signal),
      async kill() {
        running.signal('SIGKILL');
        await running.exited;
      },
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

async function onlyNode(): Promise<ClusterNode> {
  const port = await getPort({ host: '127.0.0.1' });
  const controllerPort = await getPort({ host: '127.0.0.1' });
  return { id: 1, port, controllerPort, voters: `1@127.0.0.1:${controllerPort}` };
}

/** The settings that docker-compose.yml repeats for those who have Docker; a test holds the two together. */
function brokerSettings(node: ClusterNode, dataFolder: string): Record<string, string> {
  const { id, port, controllerPort, voters } = node;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': voters,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataFolder,
    ...SHARED_BROKER_SETTINGS,
  };
}

function loginSettings(
  { listeners, 'advertised.listeners': advertised }: Readonly<Record<string, string>>,
  port: number,
  users: Readonly<Record<string, string>>,
): Record<string, string> {
  const listener = `SASL_PLAINTEXT://127.0.0.1:${port}`;
  const known = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  return {
    listeners: `${listeners},${listener}`,
    'advertised.listeners': `${advertised},${listener}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${module} ${known.join(' ')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
}

function betweenBrokersSettings(
  { listeners, 'advertised.listeners': advertised }: Readonly<Record<string, string>>,
  port: number,
  advertisedPort: number,
): Record<string, string> {
  return {
    listeners: `${listeners},BROKERS://127.0.0.1:${port}`,
    'advertised.listeners': `${advertised},BROKERS://127.0.0.1:${advertisedPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,BROKERS:PLAINTEXT',
    'inter.broker.listener.name': 'BROKERS',
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
      const producer = createProducer(kafka, { transactionalId: topic, transactionTimeout: 10_000 });
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
