import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import type { Message } from 'kafkajs';
import { blueskyPython } from '../../demo/bluesky/bluesky-python.ts';
import { type Measurement, type RunEngine, startRunEngine } from '../../demo/bluesky/run-engine.ts';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { runOf } from '../bluesky/documents.ts';
import { recordFault } from '../faults/record-fault.ts';
import { until } from '../until.ts';
import { type BlueskyFlow, startBlueskyFlow } from './bluesky-flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const POINTS = 30;
const SESSION_MS = 3000;
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;

const mapping = {
  beamline: 'SIM-XAS',
  energy: 'mono_energy',
  i0: 'i0',
  it: 'it',
  if: ['fluo_1', 'fluo_2'],
  mode: 'start.measured',
  element: ['start.XDI.Element.symbol', 'start.element'],
  sample: 'start.sample',
  metadata: { potential: 'event.volt' },
  stopSeconds: 120, // a busy machine must not be taken for a run that has lost its stop
  lateSeconds: 5,
};

/** Runs of their own: energies, and channels that tell which point of which run they are. */
const energyEv = Array.from({ length: POINTS }, (_, i) => 7100 + i);
const channelsOf = (run: number) => ({
  i0: energyEv.map((_, i) => 1e5 + 100 * run + i),
  it: energyEv.map((_, i) => 5e4 + 100 * run + i),
});
const mdOf = (run: number) => ({ element: 'Fe', sample: `sample-${run % 3}`, number: run });

let flow: BlueskyFlow;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => void (await blueskyPython()), WITHIN_MS);
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await flow.close();
});

async function prepare(changes: object = {}): Promise<void> {
  flow = await startBlueskyFlow(brokers, {
    mapping: { ...mapping, ...changes },
    partitions: 3,
    sessionTimeoutMs: SESSION_MS,
  });
}

async function service(program?: string, extra = {}): Promise<RunningProcess> {
  const process = await flow.start(program, extra);
  open.push({ close: process.stop });
  return process;
}

async function runEngine(key: string | null = 'documents'): Promise<RunEngine> {
  const engine = await startRunEngine({ brokers, topic: flow.topics.TOPIC_BLUESKY, key });
  open.push(engine);
  return engine;
}

const summaryOf = ({ scanId, energyEv: energies, i0, it }: Scan) => ({
  scanId,
  energyEv: [...energies],
  i0: [...i0!],
  it: [...(it ?? [])],
});
const expectedOf = (scanId: string, run: number) => ({ scanId, energyEv, ...channelsOf(run) });

/** What is said of a run, in its order. */
const statesOf = (uid: string): string[] =>
  flow.runs
    .filter(({ runId }) => runId === uid)
    .map(({ state, exitStatus, scans }) =>
      [state, exitStatus, scans].filter((each) => each !== null).join(' '),
    );

test(
  'what a real RunEngine publishes becomes scans',
  async () => {
    await prepare();
    const [engine] = await Promise.all([runEngine(), service()]);
    const step = (run: number, more: object = {}) =>
      ({ how: 'points', energyEv, channels: channelsOf(run), md: mdOf(run), ...more }) as Measurement;

    const uidsOf = async (what: Measurement) => (await engine.measure(what)).runs;
    const [points] = await uidsOf(step(0));
    const [pages] = await uidsOf(step(1, { how: 'pages' }));
    const [shuffled] = await uidsOf(step(2, { order: 'shuffled' }));
    const interleaved = await uidsOf({
      how: 'interleaved',
      runs: [3, 4].map((run) => ({ energyEv, channels: channelsOf(run), md: mdOf(run) })),
    });
    const [spectra] = await uidsOf({
      how: 'spectra',
      energyEv,
      spectra: [5, 6, 7].map(channelsOf),
      md: mdOf(5),
      order: 'shuffled',
    });
    await engine.measure({ how: 'unrelated' });
    await engine.measure({ how: 'raw', value: Buffer.from('not msgpack').toString('base64') });
    const { i0 } = channelsOf(8);
    const [fluorescence] = await uidsOf({
      how: 'points',
      energyEv,
      channels: {
        i0,
        fluo_1: energyEv.map((_, i) => [i, 1]), // two elements of one detector, as an array
        fluo_2: energyEv.map(() => 10),
        volt: energyEv.map(() => 3.7),
      },
      md: { ...mdOf(8), XDI: { Element: { symbol: 'co' } } },
    });

    const expected = [
      ...[points, pages, shuffled, ...interleaved].map((uid, run) => expectedOf(uid!, run)),
      ...[5, 6, 7].map((run, i) => expectedOf(`${spectra}/${i + 1}`, run)),
    ];
    await until(() => flow.scans.length >= expected.length + 1 && flow.deadLetters.length >= 1, WITHIN_MS);
    const byId = new Map(flow.scans.map((scan) => [scan.scanId, scan]));
    expect(expected.map(({ scanId }) => summaryOf(byId.get(scanId)!))).toEqual(expected);
    expect(flow.scans).toHaveLength(expected.length + 1);
    expect(byId.get(points!)).toMatchObject({
      element: 'Fe',
      sampleId: 'sample-0',
      mode: 'TRANSMISSION',
      metadata: { 'bluesky.plan_name': 'list_scan', 'bluesky.exit_status': 'success' },
    });
    await until(() => statesOf(points!).length === 2 && statesOf(spectra!).length === 2, WITHIN_MS);
    expect(statesOf(points!)).toEqual(['STARTED', 'ENDED SUCCESS 1']);
    expect(statesOf(spectra!)).toEqual(['STARTED', 'ENDED SUCCESS 3']);
    const fluo = byId.get(fluorescence!)!;
    expect(fluo).toMatchObject({
      element: 'Co',
      mode: 'FLUORESCENCE',
      it: null,
      metadata: { potential: '3.7' },
    });
    expect([...fluo.if!]).toEqual(energyEv.map((_, i) => i + 11));
    expect(flow.deadLetters.map(({ reason, value }) => [reason, value?.toString()])).toEqual([
      ['malformed-document', 'not msgpack'],
    ]);
  },
  WITHIN_MS,
);

test(
  'a run without a stop ends after a time, once, over restarts',
  async () => {
    await prepare({ stopSeconds: 5, lateSeconds: 1 }); // a pause of the RunEngine is shorter
    const engine = await runEngine();
    const first = await service();
    const cut: Measurement = { how: 'points', energyEv, channels: channelsOf(0), md: mdOf(0), stopAt: 20 };
    await engine.measure(cut).catch(() => {}); // the RunEngine is gone
    await setTimeout(500);
    first.signal('SIGKILL');
    await first.exited;
    const second = await service();
    await until(() => flow.scans.length === 1, WITHIN_MS);
    expect(flow.scans[0]!.energyEv).toHaveLength(20);
    expect(flow.scans[0]!.metadata.note).toBe('no stop document has come within 5 s');
    await until(() => flow.runs.length > 0, WITHIN_MS);
    expect(flow.runs.map(({ state }) => state)).toEqual(['STARTED']); // a lost RunEngine ends nothing
    await second.stop();
    await service();
    await setTimeout(6500);
    expect(flow.scans).toHaveLength(1);
    expect(flow.deadLetters).toEqual([]);
  },
  WITHIN_MS,
);

test(
  'a night of runs that nobody read, over several partitions: each becomes its scan',
  async () => {
    await prepare();
    const engine = await runEngine(null); // without a key
    const stepOf = (run: number) => ({ energyEv, channels: channelsOf(run), md: mdOf(run) });
    const uids: string[] = [];
    for (let run = 0; run < 40; run += 2) {
      const both = await engine.measure({ how: 'interleaved', runs: [stepOf(run), stepOf(run + 1)] });
      uids.push(...both.runs);
    }
    await service();
    await until(() => flow.scans.length + flow.deadLetters.length >= uids.length, WITHIN_MS);
    expect(flow.deadLetters).toEqual([]);
    const byId = new Map(flow.scans.map((scan) => [scan.scanId, scan]));
    expect(uids.map((uid) => summaryOf(byId.get(uid)!))).toEqual(uids.map(expectedOf));
    expect(flow.scans).toHaveLength(uids.length);
  },
  WITHIN_MS,
);

test(
  'partitions that wait for another one go on with it, also after a kill',
  async () => {
    await prepare({ energy: 'energy' });
    const uids = Array.from({ length: 150 }, (_, run) => `run-${run}`);
    // The descriptors lie in partition 2, each in a request of its own: a fetch gives only some of them, and all else.
    const lies: Message[][] = [[], [], []];
    for (const [run, uid] of uids.entries())
      for (const [i, document] of runOf(5, uid).entries())
        lies[document[0] === 'descriptor' ? 2 : i % 2]!.push({
          value: Buffer.from(encode(document)),
          timestamp: String(Date.now() - 1_000_000 + 1000 * run + i),
        });
    const producer = createProducer(quietKafkaClient(brokers));
    await producer.connect();
    const send = (partition: number, messages: readonly Message[]) =>
      producer.send({
        topic: flow.topics.TOPIC_BLUESKY,
        messages: messages.map((each) => ({ ...each, partition })),
      });
    for (const partition of [0, 1]) await send(partition, lies[partition]!);
    for (const each of lies[2]!) await send(2, [each]);
    await producer.disconnect();
    const first = await service(undefined, { KAFKA_FETCH_BYTES: '1024' });
    await until(() => flow.scans.length > 0, WITHIN_MS);
    first.signal('SIGKILL');
    await first.exited;
    await service(undefined, { KAFKA_FETCH_BYTES: '1024' });
    await until(() => flow.scans.length + flow.deadLetters.length >= uids.length, WITHIN_MS);
    expect(flow.deadLetters).toEqual([]);
    expect(flow.scans.map(({ scanId }) => scanId).sort()).toEqual([...uids].sort());
  },
  WITHIN_MS,
);

/** Runs are measured while the service that works is killed again and again; what came out of them. */
async function underKills(kills: number, program: string, extra: object = {}) {
  await prepare();
  const [engine, ...workers] = await Promise.all([
    runEngine(null), // without a key: documents of a run lie in all partitions
    service(program, extra),
    service(program, extra),
  ]);
  const uids: string[] = [];
  let measuring = true;
  const measured = (async () => {
    for (let run = 0; measuring; run += 3) {
      const stepOf = (each: number) => ({ energyEv, channels: channelsOf(each), md: mdOf(each) });
      const both = await engine.measure({ how: 'interleaved', runs: [stepOf(run), stepOf(run + 1)] });
      const slow = await engine.measure({ how: 'points', ...stepOf(run + 2), delay: 0.03 });
      uids.push(...both.runs, ...slow.runs);
    }
  })();
  for (let kill = 0; kill < kills; kill += 1) {
    await setTimeout(500);
    // Amid a run, as far as has been told.
    await until(() => flow.runs.some(({ runId }) => statesOf(runId).length === 1), WITHIN_MS);
    workers[kill % 2]!.signal('SIGKILL');
    workers[kill % 2] = await service(program, extra);
  }
  measuring = false;
  await measured;
  const timesOf = () => uids.map((uid) => flow.scans.filter(({ scanId }) => scanId === uid).length);
  const isControl = Object.keys(extra).length > 0; // its lost scans never come
  const deadlineMs = Date.now() + (isControl ? 60_000 : WITHIN_MS / 2);
  const areTold = () => uids.every((uid) => statesOf(uid).length >= 2);
  const isSettled = () => (!timesOf().includes(0) && areTold()) || flow.deadLetters.length > 0;
  while (!isSettled() && Date.now() < deadlineMs) await setTimeout(50);
  await setTimeout(1000); // what came twice has come by then
  const lost = timesOf().filter((n) => n === 0).length;
  const doubled = timesOf().filter((n) => n > 1).length;
  recordFault({
    fault: `${isControl ? 'control, it is forgotten where open runs begin: ' : ''}the Bluesky service killed amid runs`,
    expected: isControl ? 'fails' : 'holds',
    scans: uids.length,
    faults: kills,
    lost,
    doubled,
  });
  return {
    ...{ lost, doubled },
    toldOtherwise: uids.filter((uid) => statesOf(uid).join() !== 'STARTED,ENDED SUCCESS 1').length,
    torn: flow.scans.filter(({ energyEv: energies }) => energies.length !== POINTS).length,
    deadLetters: flow.deadLetters.length,
  };
}

test(
  'killed again and again, with runs in the middle: each scan comes once, whole',
  async () => {
    const faults = await underKills(3, 'src/bin/bluesky.ts');
    expect(faults).toEqual({ lost: 0, doubled: 0, toldOtherwise: 0, torn: 0, deadLetters: 0 });
  },
  WITHIN_MS,
);

test(
  'without the offsets of open runs, scans are lost or torn: the test can fail',
  async () => {
    const fault = { FAULT_FORGET: 'open-runs' };
    // Of eight single kills one fell between two runs and cost nothing.
    const { lost, torn, deadLetters: dead } = await underKills(3, 'test/faults/bluesky-worker.ts', fault);
    expect(lost + torn + dead).toBeGreaterThan(0);
  },
  WITHIN_MS,
);
