import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cellScans } from '../../../bench/cell-scans.ts';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { type PartitionFetcher, partitionFetcher } from '../../../src/consumers/partition-fetcher.ts';
import { accumulateStep } from '../../../src/flows/accumulate-step.ts';
import type { JobStep } from '../../../src/flows/job-flow.ts';
import type { SourceRecord } from '../../../src/messages/record.ts';
import { isReject } from '../../../src/messages/reject.ts';
import type { Scan } from '../../../src/messages/scan.ts';
import { readConfig } from '../../../src/runtime/config.ts';
import { changesStep } from '../../../src/services/changes.ts';
import { decodeAccumulation } from '../../../src/wire/accumulation-codec.ts';
import { decodeChangePoint } from '../../../src/wire/change-point-codec.ts';
import { decodeScan } from '../../../src/wire/scan-codec.ts';
import { type Flow, memoryMb, startFlow } from '../../integration/flow.ts';
import { jobOf, recordsOf } from '../../integration/jobs.ts';
import { until } from '../../until.ts';
import { nickelScan } from '../noisy-nickel.ts';
import { recordFault } from '../record-fault.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 12);
const SESSION_MS = 4000;
const EVERY_MS = 300;
const SAMPLES = Array.from({ length: 8 }, (_, i) => `sample-${i}`);
/** Scans between the steps of a cell. */
const STEP_EVERY = 20;
const WITHIN_MS = 3_600_000;

type RecordedScans = { readonly topic: string; readonly byId: ReadonlyMap<string, Scan> };

/** A stream job, what it is shown, and what it is to make of that. */
type Tried = {
  readonly name: 'changes' | 'accumulate';
  /** Topic of what it tells. */
  readonly topic: 'TOPIC_CHANGES' | 'TOPIC_ACCUMULATIONS';
  /** The next scan of each sample. */
  readonly scansAt: (sequence: number) => readonly Scan[];
  /** What it tells where nobody dies. */
  readonly undisturbed: (events: readonly SourceRecord[], scans: RecordedScans) => Promise<string[]>;
  /** What tells one of its records from others. */
  readonly idOf: (value: Buffer) => string;
};

const { CHANGE_LEAST_STATE, CHANGE_LEAST_SPECTRUM, ACCUMULATE_MOST } = readConfig({});
const LEAST = { MEAN_OXIDATION_STATE: CHANGE_LEAST_STATE, SPECTRUM: CHANGE_LEAST_SPECTRUM };
const TOLD = 'told';

function idOfChange(value: Buffer): string {
  const { changeId, kind } = decodeChangePoint(value);
  return `${changeId} ${kind}`;
}

function idOfAccumulation(value: Buffer): string {
  const { accumulationId, at, reason, mean } = decodeAccumulation(value);
  return JSON.stringify([accumulationId, at, reason, mean]);
}

/** What a step tells of events, one after the other. */
async function replayed<State>(
  step: JobStep<State>,
  events: readonly SourceRecord[],
  idOf: Tried['idOf'],
): Promise<string[]> {
  const states = new Map<string, State>();
  const told: string[] = [];
  for (const event of events) {
    const stepped = await step(event, (key) => states.get(key) ?? null);
    if (stepped === null) continue;
    if (stepped.state === null) states.delete(stepped.key);
    else states.set(stepped.key, stepped.state);
    for (const { topic, message } of stepped.publish)
      if (topic === TOLD) told.push(idOf(message.value as Buffer));
  }
  return told;
}

const cells = SAMPLES.map((sampleId, seed) =>
  cellScans({
    ...{ seed, runId: 'run', sampleId, secondsPerScan: 10, noiseAt: () => 0.01 },
    lithiumAt: (i) => (Math.floor(i / STEP_EVERY) % 2 === 0 ? 0.8 : 0.6),
  }),
);

const JOBS: readonly Tried[] = [
  {
    name: 'changes',
    topic: 'TOPIC_CHANGES',
    scansAt: (sequence) => cells.map((scanAt) => scanAt(sequence)),
    undisturbed: (events) =>
      replayed(
        changesStep(TOLD, LEAST, () => {}),
        events,
        idOfChange,
      ),
    idOf: idOfChange,
  },
  {
    name: 'accumulate',
    topic: 'TOPIC_ACCUMULATIONS',
    scansAt: (sequence) => SAMPLES.map((sampleId) => nickelScan(sampleId, sequence, 0.1)),
    undisturbed(events, { topic: scansTopic, byId }) {
      const step = accumulateStep({
        ...{ scansTopic, accumulationsTopic: TOLD, most: ACCUMULATE_MOST, until: 'classes', by: null },
        rawScan: async (_, scanId) => byId.get(scanId) ?? null,
        count: () => {},
      });
      return replayed(step, events, idOfAccumulation);
    },
    idOf: idOfAccumulation,
  },
];

let broker: KafkaService;
let flow: Flow;
let fetcher: PartitionFetcher;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  broker = await startKafka();
  closers.push(() => broker.close());
  flow = await startFlow(broker.brokers);
  closers.push(() => flow.close());
  fetcher = partitionFetcher(quietKafkaClient(broker.brokers), Date.now);
  closers.push(() => fetcher.close());
}, 600_000);
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
}, 600_000);

async function recordedScans(): Promise<RecordedScans> {
  const topic = flow.env.TOPIC_SCANS!;
  const scans = (await recordsOf(fetcher, topic)).map((record) => {
    const scan = decodeScan(record);
    if (isReject(scan)) throw new Error(scan.detail);
    return [scan.scanId, scan] as const;
  });
  return { topic, byId: new Map(scans) };
}

/**
 * Scans keep coming to a processor and to the job. One of it stays; beside it one after the other comes, and is killed
 * at its fourth commit; each third time the one that stays is frozen until it has lost its partitions.
 */
async function underKills(tried: Tried, faults: Readonly<Record<string, string>> = {}) {
  const processor = await flow.start();
  closers.push(() => processor.stop());
  const job = await jobOf(flow, tried.name, { KAFKA_SESSION_TIMEOUT_MS: `${SESSION_MS}` });
  const stays = await job.start(faults);
  closers.push(() => stays.stop());

  let going = true;
  const stream = (async () => {
    for (let sequence = 0; going; sequence += 1) {
      await flow.publish(tried.scansAt(sequence));
      await setTimeout(EVERY_MS);
    }
  })();
  let frozen = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const when = round % 2 === 0 ? 'before' : 'after';
    const killed = await job.start({ ...faults, FAULT_KILL_AT: '4', FAULT_KILL_WHEN: when });
    if (round % 3 === 2) {
      stays.signal('SIGSTOP');
      await setTimeout(2 * SESSION_MS);
      stays.signal('SIGCONT');
      frozen += 1;
    }
    await killed.exited;
  }
  going = false;
  await stream;
  // What the job makes of events may be scans, and so events again.
  await until(async () => {
    const before = flow.seen();
    await flow.outcomes();
    await job.done();
    return flow.seen() === before;
  }, WITHIN_MS);

  const { descriptors, doubled } = await flow.outcomes();
  const events = await recordsOf(fetcher, flow.env.TOPIC_DESCRIPTORS!);
  const scans = await recordedScans();
  const judged = new Set(descriptors.map(({ scanId }) => scanId));
  // By ids: some offsets of the scans topic are markers of the job's transactions.
  const lost = [...scans.byId.keys()].filter((scanId) => !judged.has(scanId));
  const expected = await tried.undisturbed(events, scans);
  const told = (await recordsOf(fetcher, job.env[tried.topic]!)).map(({ value }) => tried.idOf(value!));
  const ids = new Set(told);
  return {
    ...{ scans: descriptors.length, faults: ROUNDS + frozen, told: ids.size },
    memoryMb: await memoryMb(stays),
    lost: lost.length + expected.filter((id) => !ids.has(id)).length,
    doubled: doubled.length + told.length - ids.size,
    unexpected: [...ids].filter((id) => !expected.includes(id)).length,
  };
}

test.each(JOBS)(
  '$name tells the same as if nobody had been killed or frozen',
  async (tried) => {
    const { told, unexpected, ...run } = await underKills(tried);
    recordFault({ fault: `${tried.name}: killed at commits and frozen`, expected: 'holds', ...run });
    expect({ unexpected, lost: run.lost, doubled: run.doubled }).toEqual({
      ...{ unexpected: 0, lost: 0, doubled: 0 },
    });
    expect(told).toBeGreaterThan(SAMPLES.length);
  },
  WITHIN_MS,
);

test.each(JOBS)(
  'the control: $name without its states does not',
  async (tried) => {
    const { told: _, unexpected, ...run } = await underKills(tried, { FAULT_FORGET: 'states' });
    const fault = `control, without its states: ${tried.name}: killed at commits and frozen`;
    recordFault({ fault, expected: 'fails', ...run });
    expect(run.lost + run.doubled + unexpected).toBeGreaterThan(0);
  },
  WITHIN_MS,
);
