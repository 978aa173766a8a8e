import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { createTopics } from '../../../src/producers/create-topics.ts';
import { metric } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { type MarkerProxy, markerProxy } from '../marker-proxy.ts';
import { allSeen, BATCH, endParties, goOn, type Party, publish, startParty, strike } from '../party.ts';
import { recordFault } from '../record-fault.ts';

/**
 * The broker forgets to tell partitions of a decision between the moments at which it hears that they have no leader
 * and at which it stops to be their leader. The more partitions it has, the further these lie apart.
 */
const PARTITIONS_BESIDE = 300;
const ROUNDS = 20;
const TOLD_WITHIN_MS = 2000;

let kafka: KafkaService;
let proxy: MarkerProxy;
beforeAll(async () => {
  let port = 0;
  proxy = await markerProxy(() => port);
  kafka = await startKafka({
    advertiseBetweenBrokers(ownPort) {
      port = ownPort;
      return proxy.port;
    },
  });
  await createTopics(quietKafkaClient(kafka.brokers), ['beside'], PARTITIONS_BESIDE);
}, 120_000);
afterAll(async () => {
  await kafka?.close();
  await proxy?.close();
});

type RacingParty = Party & {
  /** How often what was published hung: the broker calls the transaction complete, and nobody sees its records. */
  hung: number;
};

async function party(...args: [Party['processorIs'], Record<string, string>?]): Promise<RacingParty> {
  return { ...(await startParty(kafka.brokers, ...args)), hung: 0 };
}

/** How far the descriptors may be read: up to the first transaction that has not ended. */
async function readable({ flow: { kafka: client, env } }: Party): Promise<number> {
  const admin = client.admin();
  await admin.connect();
  try {
    const [end] = await admin.fetchTopicOffsets(env.TOPIC_DESCRIPTORS!);
    return Number(end!.high);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Batches are committed, by the broker's own word, and the broker is killed before any partition was told of it; the
 * processors are killed with it, or frozen until the broker is back.
 */
async function killBeforeMarkers(parties: readonly RacingParty[]): Promise<void> {
  await allSeen(parties);
  const committed = () => Promise.all(parties.map(({ processor }) => metric(processor, 'xanes_scans_total')));
  const before = await committed();
  const held = proxy.hold();
  await Promise.all(parties.map(publish));
  await held;
  await until(async () => (await committed()).every((scans, i) => scans === before[i]! + BATCH));
  const unread = await Promise.all(parties.map(readable));
  strike(parties);
  await kafka.kill();
  proxy.release();
  await kafka.restart('SIGKILL', 0);
  await until(() => Promise.all(parties.map(readable)).then(Boolean, () => false)); // leaders are known again
  await setTimeout(TOLD_WITHIN_MS); // a broker that does not forget tells its partitions as soon as it has begun
  const left = await Promise.all(parties.map(readable));
  parties.forEach((each, i) => {
    if (left[i] === unread[i]) each.hung += 1;
  });
  await goOn(parties);
}

test('a broker killed between a decision to commit and telling the partitions, which it then forgets', async () => {
  const parties = await Promise.all([
    party('frozen'),
    party('killed'),
    party('killed', { FAULT_SETTLE: 'never' }), // the control: what hangs is done again, and then both are there
  ]);
  const control = parties[2]!;
  try {
    await Promise.all(parties.map(publish));
    for (let round = 0; round < ROUNDS && parties.some(({ hung }) => hung === 0); round += 1)
      await killBeforeMarkers(parties);
    await allSeen(parties);
    await Promise.all(parties.map(publish));
    const outcomes = await Promise.all(parties.map(({ flow }) => flow.outcomes()));
    const names = [
      'the processor goes on',
      'another takes over',
      'control: another takes over, without settling',
    ];
    for (const [i, { lost, doubled }] of outcomes.entries()) {
      const { hung, published } = parties[i]!;
      recordFault({
        fault: `a broker forgets its markers (race): ${names[i]}`,
        expected: i < 2 ? 'holds' : 'fails',
        scans: published,
        faults: hung,
        lost: lost.length,
        doubled: doubled.length,
      });
    }
    const [first, second, third] = outcomes.map(({ lost, doubled }, i) => ({
      hung: parties[i]!.hung > 0,
      lost: lost.length,
      doubled: doubled.length,
    }));
    expect(first).toEqual({ hung: true, lost: 0, doubled: 0 });
    expect(second).toEqual({ hung: true, lost: 0, doubled: 0 });
    expect(third).toEqual({ hung: true, lost: 0, doubled: control.hung * BATCH });
  } finally {
    await endParties(parties);
  }
}, 3_600_000);
