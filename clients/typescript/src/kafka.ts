import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type KafkaConfig, type Producer } from 'kafkajs'; // Node sees only some names
import { ClientError } from './errors.ts';

export type Broker = {
  /** host:port */
  readonly brokers: readonly string[];
  /** Name of the program: in the broker's logs, in front of consumer groups, in requests and acknowledgements. */
  readonly name: string;
  readonly ssl?: NonNullable<KafkaConfig['ssl']>;
  readonly sasl?: NonNullable<KafkaConfig['sasl']>;
  /** How long the first answer may take [5000]. */
  readonly withinMs?: number;
};

const { Kafka: KafkaClient, logLevel, Partitioners } = kafkajs;

/** Answers of a broker that no retry mends, and what would. */
const FATAL: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'Expected this user to have rights to the topic',
  GROUP_AUTHORIZATION_FAILED: 'Expected this user to have the right to read its consumer group',
  CLUSTER_AUTHORIZATION_FAILED: 'Expected this user to have the right that the broker names',
  SASL_AUTHENTICATION_FAILED: 'Expected the broker to accept this user and password',
  UNSUPPORTED_SASL_MECHANISM: 'Expected the broker to know this SASL mechanism',
};

/** Quiet: what goes wrong for good is thrown, what is tried again is said by `onWarning`. */
export const kafkaOf = ({ brokers, name, ssl, sasl }: Broker): Kafka =>
  new KafkaClient({
    clientId: name,
    brokers: [...brokers],
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 3000, retries: 10 },
  });

/** Of records with one key the order counts, so one request at a time, and none twice. */
export const producerOf = (kafka: Kafka): Producer =>
  kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner, // as Java's: one key, one partition, whoever writes
    allowAutoTopicCreation: false,
  });

/** Who is asked, who hears that it is asked again, and what ends that. */
export type Asking = {
  readonly kafka: Kafka;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
};

/** So often a question is asked again, and so long after the first answer; then twice as long. */
const ASKED_AGAIN = 6;
const ASKED_AGAIN_AFTER_MS = 100;

/**
 * Asks the broker something that changes nothing. It is asked again where an answer will change by itself, such as that
 * of a broker which does not lead yet what was made or moved a moment ago: kafkajs gives some of these up at once.
 * `onWarning` is told each time, before the wait.
 * @throws AbortError where `signal` aborts while it waits to ask again; else what the broker answered last
 */
export async function withAdmin<Result>(
  { kafka, onWarning, signal }: Asking,
  ask: (admin: Pick<Admin, 'listTopics' | 'fetchOffsets' | 'fetchTopicOffsets'>) => Promise<Result>,
): Promise<Result> {
  for (let times = 0; ; times += 1) {
    const waitMs = ASKED_AGAIN_AFTER_MS * 2 ** times;
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } catch (error) {
      if (times === ASKED_AGAIN || (error as { retriable?: boolean }).retriable !== true) throw error;
      onWarning(`The broker is asked again in ${waitMs} ms: ${(error as Error).message}`);
    } finally {
      await admin.disconnect().catch(() => {}); // the answer is there
    }
    await sleep(waitMs, undefined, { signal });
  }
}

/** Of what a reading begins with: null where the reading was ended meanwhile, which is no error. */
export const nullIfAborted =
  (signal: AbortSignal) =>
  (error: unknown): null => {
    if (signal.aborted) return null;
    throw error;
  };

/** @throws ClientError in one sentence where no broker answers in time, or none lets this user in */
export async function reach({ withinMs = 5000, ...broker }: Broker): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  const admin = new KafkaClient({
    ...{ clientId: broker.name, brokers: [...broker.brokers], logLevel: logLevel.NOTHING },
    ...(broker.ssl !== undefined && { ssl: broker.ssl }),
    ...(broker.sasl !== undefined && { sasl: broker.sasl }),
    ...{ retry: { retries: 0 }, connectionTimeout: 3000, requestTimeout: 3000 },
  }).admin();
  for (;;) {
    try {
      await admin.connect();
      await admin.listTopics();
      return;
    } catch (error) {
      const fatal = fatalSentence(error);
      if (fatal !== null) throw new ClientError(fatal);
      if (performance.now() > deadlineMs)
        throw new ClientError(
          `Expected a broker at ${broker.brokers.join(', ')} to answer within ${withinMs / 1000} s: ${(error as Error).message}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 200));
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

/**
 * @throws ClientError that names the topic, where it is missing or not visible to this user; else what withAdmin throws
 */
export async function expectTopic(asking: Asking, topic: string): Promise<void> {
  const topics = await withAdmin(asking, (admin) => admin.listTopics());
  if (!topics.includes(topic))
    throw new ClientError(
      `Expected topic ${topic} to exist and to be visible to this user, got none of that name; ` +
        '`npm run topics` of xanes-stream creates it',
    );
}

/** A sentence where no retry mends what the broker answered; else null. */
export function fatalSentence(error: unknown): string | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const type =
      e.name === 'KafkaJSSASLAuthenticationError'
        ? 'SASL_AUTHENTICATION_FAILED'
        : (e as { type?: string }).type;
    const sentence = FATAL[type ?? ''];
    if (sentence !== undefined) return `${sentence}, got ${type}: ${e.message}`;
    if (e.name === 'KafkaJSNotImplemented')
      return `Expected records that this client can unpack: ${e.message}`;
  }
  return null;
}
