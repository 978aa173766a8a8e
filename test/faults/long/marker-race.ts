import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { createTopics } from '../../../src/producers/create-topics.ts';
import { memoryMb, metric } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { type MarkerProxy, markerProxy } from '../marker-proxy.ts';
import {
  allSeen,
  BATCH,
  blueskyParty,
  endParties,
  goOn,
  type Party,
  processorParty,
  publishAll,
  strike,
} from '../party.ts';
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
}, 600_000);
afterAll(async () => {
  await kafka?.close();
  await proxy?.close();
});

/** How far what comes out may be read: up to the first transaction that has not ended. */
async function readable({ output }: Party): Promise<number> {
  const admin = quietKafkaClient(kafka.brokers).admin();
  await admin.connect();
  try {
    const [end] = await admin.fetchTopicOffsets(output);
    return Number(end!.high);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Batches are committed, by the broker's own word, and the broker is killed before any partition was told of it; the
 * services are killed with it, or frozen until the broker is back.
 * @returns of each party, whether what it published hung: the broker calls the transaction complete, and nobody sees
 * its records
 */
async function killBeforeMarkers(parties: readonly Party[]): Promise<boolean[]> {
  await allSeen(parties);
  const committed = () => Promise.all(parties.map(({ service, counter }) => metric(service, counter)));
  const before = await committed();
  const held = proxy.hold();
  await publishAll(parties);
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
  await goOn(parties);
  return left.map((end, i) => end === unread[i]);
}

test('a broker killed between a decision to commit and telling the partitions, which it then forgets', async () => {
  const control = { FAULT_SETTLE: 'never' }; // what hangs is done again, and then both are there
  const starts = [processorParty, blueskyParty].flatMap((startOne) => [
    startOne(kafka.brokers, 'frozen'),
    startOne(kafka.brokers, 'killed'),
    startOne(kafka.brokers, 'killed', control),
  ]);
  const parties = await Promise.all(starts);
  const hung = parties.map(() => 0);
  try {
    await publishAll(parties);
    for (let round = 0; round < ROUNDS && hung.includes(0); round += 1) {
      for (const [i, hangs] of (await killBeforeMarkers(parties)).entries()) if (hangs) hung[i]! += 1;
    }
    await allSeen(parties);
    await publishAll(parties);
    const faults = await Promise.all(parties.map((each) => each.faults()));
    const names = ['a processor', 'the Bluesky service'].flatMap((service) => [
      `a broker forgets its markers (race): ${service} goes on`,
      `a broker forgets its markers (race): ${service} is taken over`,
      `control: a broker forgets its markers (race): ${service} is taken over, without settling`,
    ]);
    const isControl = (i: number) => i % 3 === 2;
    for (const [i, each] of faults.entries()) {
      recordFault({
        fault: names[i]!,
        expected: isControl(i) ? 'fails' : 'holds',
        scans: parties[i]!.published,
        faults: hung[i]!,
        memoryMb: await memoryMb(parties[i]!.service),
        ...each,
      });
    }
    expect(hung).not.toContain(0);
    expect(faults).toEqual(
      parties.map((_, i) => ({ lost: 0, doubled: isControl(i) ? hung[i]! * BATCH : 0 })),
    );
  } finally {
    await endParties(parties);
  }
}, 3_600_000);
