import { encode } from '@msgpack/msgpack';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { runOf } from '../bluesky/documents.ts';
import { startBlueskyFlow } from '../integration/bluesky-flow.ts';
import { startFlow } from '../integration/flow.ts';
import { until } from '../until.ts';
import { exampleScan } from './scans.ts';

/** Scans, or runs of which each becomes one, that are published at a time. */
export const BATCH = 20;

/** A service on topics of its own, of one partition each, and what it does when the broker is killed. */
export type Party = {
  readonly serviceIs: 'killed' | 'frozen';
  /** Topic of what comes out. */
  readonly output: string;
  readonly transactionalId: string;
  /** Metric that counts what was committed, by the broker's own word. */
  readonly counter: string;
  service: RunningProcess;
  published: number;
  /** A batch of one fetch, hence of one transaction. */
  publish(): Promise<void>;
  start(): Promise<RunningProcess>;
  /** What has come out up to now, all told. */
  seen(): number;
  /** Comes back when all that was published came out. */
  faults(): Promise<{ readonly lost: number; readonly doubled: number }>;
  close(): Promise<unknown>;
};

type Env = Readonly<Record<string, string>>;

/** A processor: scans become descriptors. */
export async function processorParty(
  brokers: readonly string[],
  serviceIs: Party['serviceIs'],
  env: Env = {},
): Promise<Party> {
  const flow = await startFlow(brokers, { partitions: 1 });
  const start = () => flow.start(env, 'test/faults/worker.ts');
  const party: Party = {
    serviceIs,
    output: flow.env.TOPIC_DESCRIPTORS!,
    transactionalId: `${flow.env.KAFKA_GROUP}-${flow.env.TOPIC_SCANS}-0`,
    counter: 'xanes_scans_total',
    service: await start(),
    published: 0,
    async publish() {
      const scans = Array.from({ length: BATCH }, (_, i) => exampleScan('sample', party.published + i));
      party.published += scans.length;
      await flow.publish(scans);
    },
    start,
    seen: flow.seen,
    async faults() {
      const { lost, doubled } = await flow.outcomes();
      return { lost: lost.length, doubled: doubled.length };
    },
    close: flow.close,
  };
  return party;
}

const POINTS = 10;
const MAPPING = { beamline: 'test', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' };

/** A Bluesky service: documents become scans. */
export async function blueskyParty(
  brokers: readonly string[],
  serviceIs: Party['serviceIs'],
  env: Env = {},
): Promise<Party> {
  const options = { mapping: MAPPING, partitions: 1, sessionTimeoutMs: 10_000 };
  const flow = await startBlueskyFlow(brokers, options);
  const producer = createProducer(quietKafkaClient(brokers), { idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const start = () => flow.start('test/faults/bluesky-worker.ts', env);
  const nameOf = (run: number) => `run-${run}`;
  const timesOf = (run: number) => flow.scans.filter(({ scanId }) => scanId === nameOf(run)).length;
  const runs = () => Array.from({ length: party.published }, (_, run) => run);
  const party: Party = {
    serviceIs,
    output: flow.topics.TOPIC_SCANS,
    transactionalId: `${flow.groupId}-${flow.topics.TOPIC_BLUESKY}`,
    counter: 'xanes_bluesky_scans_total',
    service: await start(),
    published: 0,
    async publish() {
      const names = Array.from({ length: BATCH }, (_, i) => nameOf(party.published + i));
      party.published += names.length;
      const messages = names
        .flatMap((name) => runOf(POINTS, name))
        .map((document) => ({ key: 'k', value: Buffer.from(encode(document)) }));
      await producer.send({ topic: flow.topics.TOPIC_BLUESKY, messages });
    },
    start,
    seen: () => flow.scans.length,
    async faults() {
      await until(() => runs().every((run) => timesOf(run) > 0));
      return { lost: 0, doubled: runs().filter((run) => timesOf(run) > 1).length };
    },
    close: () => Promise.all([flow.close(), producer.disconnect()]),
  };
  return party;
}

export const publishAll = (parties: readonly Party[]) => Promise.all(parties.map((each) => each.publish()));

export const allSeen = (parties: readonly Party[]) =>
  until(() => parties.every(({ seen, published }) => seen() >= published));

/** Stops the services as each one is to be, before the broker is killed. */
export function strike(parties: readonly Party[]): void {
  for (const { service, serviceIs } of parties)
    service.signal(serviceIs === 'frozen' ? 'SIGSTOP' : 'SIGKILL');
}

/** When the broker is back: the frozen go on, in the place of the killed stands another. */
export async function goOn(parties: readonly Party[]): Promise<void> {
  for (const each of parties) {
    if (each.serviceIs === 'frozen') each.service.signal('SIGCONT');
    else each.service = await each.start();
  }
}

export async function endParties(parties: readonly Party[]): Promise<void> {
  await Promise.all(parties.map(({ service }) => service.stop()));
  await Promise.all(parties.map((each) => each.close()));
}
