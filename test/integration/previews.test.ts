import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cellScans } from '../../bench/cell-scans.ts';
import { blueskyPython } from '../../demo/bluesky/bluesky-python.ts';
import { startRunEngine } from '../../demo/bluesky/run-engine.ts';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { openBundle } from '../../src/bundle/bundle.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { makeLeastRange } from '../../src/spectra/least-range.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { recordFault } from '../faults/record-fault.ts';
import { type BlueskyFlow, startBlueskyFlow } from './bluesky-flow.ts';
import { type Flow, startFlow } from './flow.ts';
import { recordsOf } from './jobs.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const RUNS = 3;
const KILLS = 2;
const PREVIEWS = 3;

const mapping = {
  beamline: 'SIM-XAS',
  energy: 'mono_energy',
  i0: 'i0',
  it: 'it',
  element: 'start.element',
  sample: { value: 'cell' },
  run: { value: 'charge' },
  metadata: { 'energy.scale': { value: 'feff10' } },
  previews: PREVIEWS,
  stopSeconds: 120, // a busy machine must not be taken for a run that has lost its stop
};
const scanAt = cellScans({
  ...{ seed: 1, runId: 'charge', sampleId: 'cell', secondsPerScan: 10 },
  ...{ lithiumAt: () => 0.7, noiseAt: () => 0.005 },
});
const { energyEv, metadata } = scanAt(0);

let flow: Flow;
let documents: BlueskyFlow;
const fetcher = partitionFetcher(quietKafkaClient(brokers), Date.now);

beforeAll(async () => {
  await blueskyPython();
  flow = await startFlow(brokers, { partitions: 2 });
  documents = await startBlueskyFlow(brokers, { mapping, partitions: 1, sessionTimeoutMs: 3000 });
}, WITHIN_MS);
afterAll(() => Promise.all([documents?.close(), flow?.close(), fetcher.close()]));

const service = () =>
  documents.start(undefined, {
    TOPIC_SCANS: flow.env.TOPIC_SCANS!,
    TOPIC_DEAD_LETTERS: flow.env.TOPIC_DEAD_LETTERS!,
  });

/** Points at which previews are due: the first that reach the least range, and then a quarter more each time. */
function pointsOfPreviews(): readonly number[] {
  const { manifest } = openBundle('models/spt');
  const { fromEv, toEv } = makeLeastRange(manifest)({ element: 'Co', edge: 'K', metadata })!;
  expect(energyEv[0]).toBeLessThan(fromEv);
  const due = [energyEv.findIndex((energy) => energy >= toEv) + 1];
  while (due.length < PREVIEWS) due.push(Math.ceil(1.25 * due.at(-1)!));
  return due.filter((points) => points > 0 && points < energyEv.length);
}

/** Runs that are measured one after the other while the service that works is killed again and again. */
async function measureUnderKills(): Promise<readonly string[]> {
  const [engine, ...workers] = await Promise.all([
    startRunEngine({ brokers, topic: documents.topics.TOPIC_BLUESKY }),
    service(),
    service(),
  ]);
  const measured = (async () => {
    const uids: string[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const scan = scanAt(run);
      const channels = { i0: [...scan.i0!], it: [...scan.it!] };
      const md = { element: 'Co', scan_id: run };
      const done = await engine.measure({
        ...{ how: 'points', energyEv: [...energyEv], channels, md, delay: 0.005 },
      });
      uids.push(...done.runs);
    }
    return uids;
  })();
  for (let kill = 0; kill < KILLS; kill += 1) {
    await setTimeout(700);
    workers[kill % 2]!.signal('SIGKILL');
    workers[kill % 2] = await service();
  }
  const uids = await measured;
  const deadlineMs = Date.now() + WITHIN_MS / 2;
  while ((await scans()).length < RUNS * (1 + due.length) && Date.now() < deadlineMs) await setTimeout(200);
  await setTimeout(1000); // what came twice has come by then
  await Promise.all([engine.close(), ...workers.map((worker) => worker.stop())]);
  return uids;
}

const due = pointsOfPreviews();
const scans = async (): Promise<readonly Scan[]> =>
  (await recordsOf(fetcher, flow.env.TOPIC_SCANS!)).map((record) => {
    const scan = decodeScan(record);
    if (isReject(scan)) throw new Error(scan.detail);
    return scan;
  });

test(
  'what a RunEngine measures is judged while it goes on, marked, and replaced by the whole; each once over kills',
  async () => {
    expect(due.length).toBeGreaterThan(1);
    const uids = await measureUnderKills();
    const idsOf = (uid: string) => [...due.map((points) => `${uid}/first-${points}`), uid];
    const expected = uids.flatMap(idsOf);
    const published = await scans();
    const ids = published.map(({ scanId }) => scanId);
    recordFault({
      ...{ fault: 'the Bluesky service killed amid runs with previews', expected: 'holds' },
      ...{ scans: expected.length, faults: KILLS },
      lost: expected.filter((id) => !ids.includes(id)).length,
      doubled: ids.length - new Set(ids).size,
    });
    expect(ids).toEqual(expected); // in order: each preview before what takes its place
    expect(published.map(({ energyEv: energies }) => energies.length)).toEqual(
      uids.flatMap(() => [...due, energyEv.length]),
    );

    const processor = await flow.start();
    const { descriptors, deadLetters } = await flow.outcomes();
    await processor.stop();
    expect(deadLetters).toEqual([]);
    expect(descriptors.map(({ scanId, partialOf }) => [scanId, partialOf])).toEqual(
      uids.flatMap((uid) => idsOf(uid).map((id) => [id, id === uid ? null : uid])),
    );
    for (const event of descriptors) {
      expect(event.means.map(({ name }) => name)).toEqual(['OS', 'CN', 'OCN']);
      // What scans are compared with is whole: here the first.
      expect([null, uids[0]]).toContain(event.change?.since ?? null);
    }
    expect(descriptors.some(({ change }) => change !== null)).toBe(true);
    expect(descriptors[0]!.notes[0]).toBe(`still being measured: the first ${due[0]} points`);
    expect(descriptors[0]!.preparation.coveredToEv).toBeLessThan(
      descriptors[due.length]!.preparation.coveredToEv,
    );
  },
  WITHIN_MS,
);
