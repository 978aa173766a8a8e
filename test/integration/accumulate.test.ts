import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { isReject } from '../../src/messages/reject.ts';
import { membersOf, type Scan } from '../../src/messages/scan.ts';
import { decodeAccumulation } from '../../src/wire/accumulation-codec.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { nickelScan } from '../faults/noisy-nickel.ts';
import { recordFault } from '../faults/record-fault.ts';
import { until } from '../until.ts';
import { type Flow, startFlow } from './flow.ts';
import { jobOf, recordsOf, type TestedJob } from './jobs.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const REPEATS = 16;
/** From this one on the sample is another. */
const DAMAGED_AT = 7;

let flow: Flow;
let processor: RunningProcess;
let job: TestedJob;
const fetcher = partitionFetcher(quietKafkaClient(brokers), Date.now);
const topics = { TOPIC_ACCUMULATIONS: '', TOPIC_ACCUMULATION_STATES: '' };

beforeAll(async () => {
  flow = await startFlow(brokers, { partitions: 2 });
  for (const topic of Object.keys(topics) as (keyof typeof topics)[])
    topics[topic] = `${topic.toLowerCase()}-${flow.env.KAFKA_GROUP}`;
  processor = await flow.start();
  job = await jobOf(flow, 'accumulate', topics);
}, WITHIN_MS);
afterAll(async () => {
  await processor?.stop();
  await Promise.all([flow?.close(), fetcher.close()]);
});

const scansOf = async (): Promise<readonly Scan[]> =>
  (await recordsOf(fetcher, flow.env.TOPIC_SCANS!)).map((record) => {
    const scan = decodeScan(record);
    if (isReject(scan)) throw new Error(scan.detail);
    return scan;
  });
const accumulationsOf = async () =>
  (await recordsOf(fetcher, topics.TOPIC_ACCUMULATIONS)).map(({ value, headers }) =>
    decodeAccumulation(value!, headers),
  );
const ofSample = <T extends { sampleId: string }>(all: readonly T[], sampleId: string): readonly T[] =>
  all.filter((each) => each.sampleId === sampleId);

test(
  'repeats are averaged until the gate accepts, whatever is killed; what differs ends the average',
  async () => {
    const noisy = Array.from({ length: REPEATS }, (_, i) => nickelScan('noisy', i, 0.15));
    const damaged = Array.from({ length: REPEATS }, (_, i) =>
      nickelScan('damaged', i, 0.1, i < DAMAGED_AT ? 0 : 0.5),
    );
    const clear = Array.from({ length: 4 }, (_, i) => nickelScan('clear', i, 0.01));
    await flow.publish([...noisy, ...damaged, ...clear]);
    await flow.outcomes();

    await job.killed(['before', 'after', 'after']);
    const last = await job.start();
    await until(async () => {
      const told = await accumulationsOf();
      return (
        ofSample(told, 'noisy').some(({ status }) => status === 'ACCEPTED') &&
        ofSample(told, 'damaged').some(({ status }) => status === 'STOPPED')
      );
    }, WITHIN_MS);
    await flow.outcomes();
    await job.done();
    await last.stop();

    const [told, scans, { descriptors, doubled }] = await Promise.all([
      accumulationsOf(),
      scansOf(),
      flow.outcomes(),
    ]);
    // Of the scans topic some offsets are markers of the job's transactions: what is lost is counted by ids.
    const judged = new Set(descriptors.map(({ scanId }) => scanId));
    const lost = scans.filter(({ scanId }) => !judged.has(scanId)).map(({ scanId }) => scanId);
    const means = scans.filter(({ metadata }) => membersOf(metadata).length > 0);
    const keys = told.map((each) => JSON.stringify([each.accumulationId, each.at, each.reason, each.mean]));
    const twice = (ids: readonly string[]) => ids.length - new Set(ids).size;
    const meansTwice = twice(means.map(({ scanId }) => scanId));
    recordFault({
      ...{ fault: 'accumulate: killed before and after commits', expected: 'holds', scans: told.length },
      ...{ faults: 3, lost: lost.length, doubled: doubled.length + meansTwice + twice(keys) },
    });
    expect({ doubled, lost, meansTwice, toldTwice: twice(keys) }).toEqual({
      ...{ doubled: [], lost: [], meansTwice: 0, toldTwice: 0 },
    });
    // Each scan joins one accumulation, in their order, and no mean joins any.
    const joined = told.filter(({ reason }) => reason === 'joined').map(({ members }) => members.at(-1)!);
    expect(twice(joined)).toBe(0);
    expect(joined.some((scanId) => scanId.includes('mean-of'))).toBe(false);
    expect(ofSample(told, 'clear')).toEqual([]);

    const accepted = ofSample(told, 'noisy').find(({ status }) => status === 'ACCEPTED')!;
    const members = noisy.slice(0, accepted.members.length);
    expect(accepted).toMatchObject({ reason: 'accepted', members: members.map(({ scanId }) => scanId) });
    const mean = means.find(({ scanId }) => scanId === accepted.mean)!;
    const event = descriptors.find(({ scanId }) => scanId === accepted.mean)!;
    expect(event).toMatchObject({ advice: 'ACCEPT', members: [...accepted.members], repeatsNeeded: null });
    expect(mean.metadata).toMatchObject({ position: 'A', 'energy.scale': 'feff10' });
    // Weighted by their noise, which is about the same of all: about their plain mean, and less noisy by the root.
    for (const i of [10, 40, 70]) {
      const plain = members.reduce((sum, { mu }) => sum + mu![i]!, 0) / members.length;
      expect(Math.abs(mean.mu![i]! - plain)).toBeLessThan(0.05);
    }
    const single = descriptors.find(({ scanId }) => scanId === 'noisy/0')!;
    expect(single.repeatsNeeded).toBeGreaterThan(0);
    expect(event.preparation.noiseSigma).toBeLessThan(0.9 * single.preparation.noiseSigma);

    const stopped = ofSample(told, 'damaged').filter(({ status }) => status !== 'GROWING');
    expect(stopped.map(({ status, reason }) => [status, reason])).toContainEqual(['STOPPED', 'outlier']);
    for (const { members: together } of ofSample(told, 'damaged'))
      expect(new Set(together.map((id) => Number(id.split('/')[1]) < DAMAGED_AT)).size).toBe(1);
  },
  WITHIN_MS,
);
