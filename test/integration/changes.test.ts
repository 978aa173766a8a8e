import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cellScans } from '../../bench/cell-scans.ts';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { watchSample } from '../../src/change-points/watch-sample.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import type { SampleWatch } from '../../src/messages/sample-watch.ts';
import { decodeChangePoint } from '../../src/wire/change-point-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { WireChangePoint } from '../../src/wire/generated.ts';
import { recordFault } from '../faults/record-fault.ts';
import { type Flow, startFlow } from './flow.ts';
import { jobOf, recordsOf } from './jobs.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const PARTITIONS = 2;
const SCANS = 90;
const LEAST = { MEAN_OXIDATION_STATE: 0.05, SPECTRUM: 0.03 };

/** Cells that step to another state and back, drift and stop, and stay as they are. */
const COURSES: Readonly<Record<string, (sequence: number) => number>> = {
  'step-and-return': (i) => (i >= 30 && i < 60 ? 0.6 : 0.8),
  drift: (i) => 0.9 - 0.5 * Math.min(1, Math.max(0, (i - 20) / 40)),
  still: () => 0.7,
};

const EVENTS = SCANS * Object.keys(COURSES).length;

let flow: Flow;
const fetcher = partitionFetcher(quietKafkaClient(brokers), Date.now);

beforeAll(async () => {
  flow = await startFlow(brokers, { partitions: PARTITIONS });
  const processor = await flow.start();
  const cells = Object.entries(COURSES).map(([sampleId, lithiumAt], seed) =>
    cellScans({ seed, runId: 'run', sampleId, secondsPerScan: 10, lithiumAt, noiseAt: () => 0.01 }),
  );
  for (let i = 0; i < SCANS; i += 1) await flow.publish(cells.map((scanAt) => scanAt(i)));
  const { descriptors } = await flow.outcomes();
  expect(descriptors).toHaveLength(EVENTS);
  await processor.stop();
}, WITHIN_MS);
afterAll(() => Promise.all([flow?.close(), fetcher.close()]));

/** What follows from the events when nobody is killed. */
async function expectedChanges(): Promise<readonly (readonly [string, string])[]> {
  const watches = new Map<string, SampleWatch>();
  const changes: (readonly [string, string])[] = [];
  for (const { value, headers } of await recordsOf(fetcher, flow.env.TOPIC_DESCRIPTORS!)) {
    const event = decodeDescriptors(value!, headers);
    const { watch, found } = watchSample(watches.get(event.sampleId) ?? null, event, LEAST);
    watches.set(event.sampleId, watch);
    for (const { quantity, finding } of found) changes.push([`${quantity}/${event.scanId}`, finding.kind]);
  }
  return changes.sort();
}

/** A job with topics and a group of its own over the same events. */
async function makeJob(name: string) {
  const env = {
    KAFKA_GROUP: `${flow.env.KAFKA_GROUP}-${name}`,
    TOPIC_CHANGES: `changes-${name}-${flow.env.KAFKA_GROUP}`,
    TOPIC_SAMPLE_WATCHES: `watches-${name}-${flow.env.KAFKA_GROUP}`,
  };
  const job = await jobOf(flow, 'changes', env);
  const changesOf = async (): Promise<readonly WireChangePoint[]> =>
    (await recordsOf(fetcher, env.TOPIC_CHANGES)).map(({ value, headers }) =>
      decodeChangePoint(value!, headers),
    );
  return { ...job, changesOf };
}

async function underKills(name: string, faults: Readonly<Record<string, string>> = {}) {
  const job = await makeJob(name);
  await job.killed(['before', 'after', 'after'], faults);
  const last = await job.start(faults);
  await job.done();
  await last.stop();
  return job.changesOf();
}

const named = (changes: readonly WireChangePoint[]) =>
  changes.map(({ changeId, kind }) => [changeId, kind]).sort();

describe('npm run changes', () => {
  test(
    'what was killed goes on as if it had not been; without its states it does not',
    async () => {
      const [changes, forgetful] = await Promise.all([
        underKills('killed'),
        underKills('forgetful', { FAULT_FORGET: 'states' }),
      ]);
      const expected = await expectedChanges();
      expect(named(changes)).toEqual(expected);
      const [ids, forgotten] = [changes, forgetful].map(
        (each) => new Set(each.map(({ changeId }) => changeId)),
      );
      const missing = (from: Set<string>) => expected.filter(([changeId]) => !from.has(changeId)).length;
      recordFault({
        ...{ fault: 'changes: killed before and after commits', expected: 'holds', scans: EVENTS, faults: 3 },
        ...{ lost: missing(ids!), doubled: changes.length - ids!.size },
      });
      recordFault({
        ...{ fault: 'changes: the same without its states', expected: 'fails', scans: EVENTS, faults: 3 },
        ...{ lost: missing(forgotten!), doubled: forgetful.length - forgotten!.size },
      });
      expect(named(forgetful)).not.toEqual(expected);

      const of = (sampleId: string, quantity: string) =>
        changes.filter((each) => each.sampleId === sampleId && each.quantity === quantity);
      for (const quantity of ['MEAN_OXIDATION_STATE', 'SPECTRUM']) {
        const [step, back, ...more] = of('step-and-return', quantity);
        expect([step?.kind, back?.kind, more]).toEqual(['STEP', 'RETURN', []]);
        expect(step!.scanBefore).toBe('run-step-and-return-29');
        expect(back!.scanBefore).toBe('run-step-and-return-59');
        expect(of('drift', quantity)[0]!.kind).toBe('DRIFT');
        expect(of('still', quantity)).toEqual([]);
      }
      const [step] = of('step-and-return', 'MEAN_OXIDATION_STATE');
      expect(step!.size).toBeGreaterThan(0.1); // lithium leaves: the state rises
      expect(step!.scansAfter).toContain('run-step-and-return-30');
      expect(step!.low).toBeLessThan(step!.size);
    },
    WITHIN_MS,
  );
});
