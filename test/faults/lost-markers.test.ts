import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { clusterOf, type KafkaCluster } from '../../src/kafka/kafka-cluster.ts';
import { transactionState } from '../../src/producers/settle-transaction.ts';
import { memoryMb, metric } from '../integration/flow.ts';
import { until } from '../until.ts';
import { forgetLastMarkers } from './forget-markers.ts';
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
} from './party.ts';
import { recordFault } from './record-fault.ts';

let kafka: KafkaService;
let cluster: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka();
  cluster = clusterOf(quietKafkaClient(kafka.brokers));
  await cluster.connect();
}, 600_000);
afterAll(async () => {
  await cluster?.disconnect();
  await kafka?.close();
});

/**
 * What is left where a broker is killed after its decision to commit, comes back, and calls the transaction complete
 * without having told a partition: made by hand, of transactions that are complete. The services are killed with the
 * broker, or frozen until it is back. Where this is won as a race: test/faults/long.
 */
async function forgetCommits(parties: readonly Party[]): Promise<void> {
  const committed = () => Promise.all(parties.map(({ service, counter }) => metric(service, counter)));
  await until(async () => (await committed()).every((scans, i) => scans === parties[i]!.published));
  // A broker that is killed before it has noted the end tells its partitions again.
  const states = () =>
    Promise.all(parties.map(({ transactionalId }) => transactionState(cluster, transactionalId)));
  await until(async () => (await states()).every((state) => state === 'CompleteCommit'));
  strike(parties);
  await kafka.kill();
  const topics = parties.map(({ output }) => output);
  // Of each output, and of the offsets of its group or groups.
  expect(forgetLastMarkers(kafka.dataFolder, topics)).toBeGreaterThanOrEqual(2 * parties.length);
  await kafka.restart('SIGKILL', 0);
  await goOn(parties);
}

/** The control, which does not settle: what hangs is done again, and then both are there. */
const CONTROL = { FAULT_SETTLE: 'never' };

const SERVICES = [
  ['a processor', processorParty],
  ['the Bluesky service', blueskyParty],
] as const;

test('a broker that was killed and forgets to tell partitions what services had committed', async () => {
  const started = SERVICES.flatMap(([, startOne]) => [
    startOne(kafka.brokers, 'frozen'),
    startOne(kafka.brokers, 'killed'),
    startOne(kafka.brokers, 'killed', CONTROL),
  ]);
  const parties = await Promise.all(started);
  try {
    await publishAll(parties);
    await allSeen(parties);
    await publishAll(parties);
    await forgetCommits(parties);
    await allSeen(parties);
    await publishAll(parties);
    const faults = await Promise.all(parties.map((each) => each.faults()));
    const names = SERVICES.flatMap(([service]) => [
      `${service} goes on`,
      `${service} is taken over`,
      `${service} is taken over, without settling`,
    ]);
    const isControl = (i: number) => i % 3 === 2;
    for (const [i, each] of faults.entries()) {
      recordFault({
        fault: `${isControl(i) ? 'control: ' : ''}a broker forgets its markers: ${names[i]}`,
        expected: isControl(i) ? 'fails' : 'holds',
        scans: parties[i]!.published,
        faults: 1,
        memoryMb: await memoryMb(parties[i]!.service),
        ...each,
      });
    }
    expect(faults.map((each, i) => [names[i], each])).toEqual(
      names.map((name, i) => [name, { lost: 0, doubled: isControl(i) ? BATCH : 0 }]),
    );
  } finally {
    await endParties(parties);
  }
}, 900_000);
