import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { metric } from '../integration/flow.ts';
import { until } from '../until.ts';
import { forgetLastMarkers } from './forget-markers.ts';
import { allSeen, BATCH, endParties, goOn, type Party, publish, startParty, strike } from './party.ts';
import { recordFault } from './record-fault.ts';

let kafka: KafkaService;
beforeAll(async () => {
  kafka = await startKafka();
}, 600_000);
afterAll(() => kafka?.close());

/**
 * Batches are committed, by the broker's own word, and the broker is killed before any partition was told of it and
 * forgets to when it is back; the processors are killed with it, or frozen until it is back. Where this is won as a
 * race: test/faults/long.
 */
async function forgetCommits(parties: readonly Party[]): Promise<void> {
  const committed = () => Promise.all(parties.map(({ processor }) => metric(processor, 'xanes_scans_total')));
  await until(async () => (await committed()).every((scans, i) => scans === parties[i]!.published));
  strike(parties);
  await kafka.kill();
  const topics = parties.map(({ flow }) => flow.env.TOPIC_DESCRIPTORS!);
  expect(forgetLastMarkers(kafka.dataFolder, topics)).toBe(2 * parties.length); // in the topic, and of its offsets
  await kafka.restart('SIGKILL', 0);
  await goOn(parties);
}

test('a broker that was killed and forgets to tell partitions that a transaction was committed', async () => {
  const parties = await Promise.all([
    startParty(kafka.brokers, 'frozen'),
    startParty(kafka.brokers, 'killed'),
    // The control: what hangs is done again, and then both are there.
    startParty(kafka.brokers, 'killed', { FAULT_SETTLE: 'never' }),
  ]);
  try {
    await Promise.all(parties.map(publish));
    await allSeen(parties);
    await Promise.all(parties.map(publish));
    await forgetCommits(parties);
    await allSeen(parties);
    await Promise.all(parties.map(publish));
    const faults = [];
    for (const { flow } of parties) {
      const { lost, doubled } = await flow.outcomes();
      faults.push({ lost: lost.length, doubled: doubled.length });
    }
    const names = [
      'the processor goes on',
      'another takes over',
      'control: another takes over, without settling',
    ];
    for (const [i, each] of faults.entries()) {
      recordFault({
        fault: `a broker forgets its markers: ${names[i]}`,
        expected: i < 2 ? 'holds' : 'fails',
        scans: parties[i]!.published,
        faults: 1,
        ...each,
      });
    }
    expect(faults).toEqual([
      { lost: 0, doubled: 0 },
      { lost: 0, doubled: 0 },
      { lost: 0, doubled: BATCH },
    ]);
  } finally {
    await endParties(parties);
  }
}, 900_000);
