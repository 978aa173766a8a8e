import { afterEach, describe, expect, test } from '@jest/globals';
import { createProducer } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { publishStandards, withdrawStandards } from '../../src/producers/publish-standards.ts';
import { exampleScan } from '../faults/scans.ts';
import { COBALT, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';
import { foilOf, standardOf } from '../standards/example-standards.ts';
import { until } from '../until.ts';
import { addressOf, type Flow, metric, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow;
let processors: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(processors.map((each) => each.stop()));
  processors = [];
  await flow?.close();
});

const start = async (env: Readonly<Record<string, string>> = {}, program?: string) => {
  const processor = await flow.start(env, program);
  processors.push(processor);
  return processor;
};

describe('standards of a beamline', () => {
  /** Scan number `sequence`, measured with a monochromator that reads 3 eV too high. */
  function scan(sequence: number, fields: Partial<Scan> = {}): Scan {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const high = { energyEv: energyEv.map((energy) => energy + 3), mu };
    return scanOf({ ...high, scanId: `scan ${sequence}`, sequence, endedAtMs: 2000, ...fields });
  }

  test('are read before the first scan, followed after, and named by the events', async () => {
    flow = await startFlow(brokers, { partitions: 1 });
    const topic = flow.env.TOPIC_STANDARDS!;
    await publishStandards(flow.kafka, topic, [foilOf(3, { validFromMs: 1000 })]);
    await flow.publish([scan(0), scan(1, { endedAtMs: 999 }), scan(2, { beamline: 'other' })]);
    const processor = await start();
    await until(async () => flow.seen() === 3);
    expect((await fetch(`${addressOf(processor)}/readyz`)).status).toBe(200);

    await publishStandards(flow.kafka, topic, [standardOf({ validFromMs: 1000 })]);
    const samples = () => metric(processor, 'xanes_standards', 'known="mean-oxidation-state"');
    await until(async () => (await samples()) === 1);
    await flow.publish([scan(3)]);
    await until(async () => flow.seen() === 4);

    const malformed = createProducer(flow.kafka);
    await malformed.connect();
    await malformed.send({ topic, messages: [{ key: 'x', value: 'no standard' }] });
    await malformed.disconnect();
    await withdrawStandards(flow.kafka, topic, ['foil']);
    await until(async () => (await metric(processor, 'xanes_standards', 'known="foil"')) === 0);
    expect(await metric(processor, 'xanes_standards_refused_total', 'malformed')).toBe(1);
    await flow.publish([scan(4)]);

    const { descriptors } = await flow.outcomes();
    const seen = descriptors.map(({ sequence, standards, preparation }) => {
      return [sequence, preparation.energyShiftSource, standards];
    });
    expect(seen.sort()).toEqual([
      [0, 'standard-foil', ['foil']],
      [1, 'table', []],
      [2, 'table', []],
      [3, 'standard-foil', ['foil', 'sample']],
      [4, 'table', ['sample']],
    ]);
    const [first, second] = [0, 1].map((i) => descriptors.find(({ sequence }) => sequence === i)!);
    expect(first!.preparation.energyShiftEv - second!.preparation.energyShiftEv).toBeCloseTo(-3, 0);
  });
});

describe('the reference of a run', () => {
  const WORKER = 'test/faults/reference-worker.ts';
  const scans = (from: number, to: number) =>
    Array.from({ length: (to - from) * 3 }, (_, i) =>
      exampleScan(`sample-${i % 3}`, from + Math.floor(i / 3)),
    );

  test('is the same after the processor was killed, between batches and before a commit', async () => {
    flow = await startFlow(brokers, { partitions: 2 });
    const session = { KAFKA_SESSION_TIMEOUT_MS: '3000' };
    const first = await start({ ...session, FAULT_COMMIT_DELAY_MS: '5000' }, WORKER);
    await flow.publish(scans(0, 2));
    await until(async () => /before commit/.test(first.output()));
    first.signal('SIGKILL'); // its results are in no transaction that was committed
    await first.exited;
    const second = await start(session, WORKER);
    await until(async () => flow.seen() === 6);
    second.signal('SIGKILL');
    await second.exited;
    await flow.publish(scans(2, 4));
    await start(session, WORKER);
    await until(async () => flow.seen() === 12);

    const { descriptors, doubled, lost } = await flow.outcomes();
    expect({ doubled, lost }).toEqual({ doubled: [], lost: [] });
    const since = descriptors.map(({ sampleId, sequence, adviceReason }) => [
      sampleId,
      sequence,
      adviceReason,
    ]);
    const expected = scans(0, 4).map(({ sampleId, sequence }) => {
      return [sampleId, sequence, sequence === 0 ? 'nothing' : `${sampleId}/0`];
    });
    expect(since.sort()).toEqual(expected.sort());
  });
});
