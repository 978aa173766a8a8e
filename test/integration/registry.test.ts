import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import avro from 'avsc';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { type RegistryService, startRegistry } from '../../demo/services/start-registry.ts';
import { type SchemaRegistry, schemaRegistry } from '../../src/schema-registry/schema-registry.ts';
import { framed } from '../../src/wire/confluent-frame.ts';
import { encodeScan, SCAN_SCHEMA } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { until, untilPasses } from '../until.ts';
import { addressOf, type Flow, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let service: RegistryService;
let registry: SchemaRegistry;
let flow: Flow | undefined;
let processor: RunningProcess | undefined;
beforeAll(async () => {
  service = await startRegistry();
  registry = schemaRegistry({ url: service.url, timeoutMs: 60_000 });
});
afterEach(async () => {
  service.signal('SIGCONT');
  await processor?.stop();
  await flow?.close();
});
afterAll(() => service.close());

const GONE_ID = 1_000_000;
const key = 'cell';
const bytesOf = (sequence: number) => encodeScan(exampleScan(key, sequence)).value;
const withId = (sequence: number, id: number) => ({ key, value: framed(bytesOf(sequence), id) });

/** A schema of a beamline of its own: a field more, in front of the others. */
const THEIRS = (() => {
  const schema = JSON.parse(SCAN_SCHEMA) as { fields: object[] };
  return JSON.stringify({ ...schema, fields: [{ name: 'hutch', type: 'string' }, ...schema.fields] });
})();

function asTheyWrite(sequence: number, id: number) {
  const { energyEv, mu, startedAtMs: startedAt, endedAtMs: endedAt, ...rest } = exampleScan(key, sequence);
  const scan = { ...rest, energyEv: [...energyEv], mu: [...mu!], startedAt, endedAt, hutch: 'EH1' };
  return { key, value: framed(avro.Type.forSchema(JSON.parse(THEIRS)).toBuffer(scan), id) };
}

test('scans by schemas of a real registry come in, events go out by it, and unknown ids are dead letters', async () => {
  flow = await startFlow(brokers, { partitions: 1 });
  const { env, kafka } = flow;
  const ours = await registry.idOf(`${env.TOPIC_SCANS}-value`, SCAN_SCHEMA);
  const theirs = await registry.idOf('a-beamline-value', THEIRS);
  await flow.publish([exampleScan(key, 0)]);
  await flow.publishMessages([
    withId(1, ours),
    withId(2, GONE_ID),
    asTheyWrite(3, theirs),
    { key, value: framed(Buffer.from('no scan'), ours) },
    // The id of another schema: bytes that do not fit it.
    withId(5, theirs),
  ]);
  await flow.publish([exampleScan(key, 6)]);
  processor = await flow.start({
    SCHEMA_REGISTRY_URL: service.url,
    SCHEMA_REGISTRY_WRITE: 'descriptors, dead-letters',
  });
  const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors.map(({ sequence }) => sequence)).toEqual([0, 1, 3, 6]);
  expect(deadLetters.map(({ reason, value }) => [reason, value![0]])).toEqual([
    ['unknown-schema', 0],
    ['malformed-avro', 0],
    ['malformed-avro', 0],
  ]);

  // A client that knows the registry alone: the id leads to the schema, the schema reads what lies behind.
  const read: unknown[] = [];
  const client = kafka.consumer({ groupId: `${env.KAFKA_GROUP}-client`, maxWaitTimeInMs: 100 });
  await client.connect();
  await client.subscribe({ topics: [env.TOPIC_DESCRIPTORS!, env.TOPIC_DEAD_LETTERS!], fromBeginning: true });
  await client.run({
    eachMessage: async ({ message: { value, headers } }) => {
      if (value!.length === 0) return; // the ends that `outcomes` wrote
      expect(value![0]).toBe(0);
      expect(String(headers!['content-type'])).toBe('application/avro; framing=confluent');
      const schema = await registry.schemaOf(value!.readUInt32BE(1));
      read.push(avro.Type.forSchema(JSON.parse(schema as string)).fromBuffer(value!.subarray(5)));
    },
  });
  await until(() => read.length === 7);
  await client.disconnect();
  expect(read).toEqual(
    expect.arrayContaining([expect.objectContaining({ scanId: `${key}/3`, element: 'Co' })]),
  );
  const subjects = (await (await fetch(`${service.url}/subjects`)).json()) as string[];
  expect(subjects).toEqual(
    expect.arrayContaining([`${env.TOPIC_DESCRIPTORS}-value`, `${env.TOPIC_DEAD_LETTERS}-value`]),
  );
});

test('a registry that hangs holds scans of unknown schemas for a while and others never for longer', async () => {
  flow = await startFlow(brokers, { partitions: 1 });
  const known = await registry.idOf('known-value', SCAN_SCHEMA);
  const theirs = await registry.idOf('a-beamline-value', THEIRS);
  processor = await flow.start({ SCHEMA_REGISTRY_URL: service.url, SCHEMA_REGISTRY_WAIT_MS: '1000' });
  await flow.publishMessages([withId(0, known)]);
  await until(() => flow!.seen() === 1);

  service.signal('SIGSTOP');
  await flow.publishMessages([withId(1, known)]);
  await until(() => flow!.seen() === 2);
  await flow.publishMessages([asTheyWrite(2, theirs)]);
  await flow.publish([exampleScan(key, 3)]);
  await until(() => flow!.seen() === 4);
  await untilPasses(async () => {
    const ready = await fetch(`${addressOf(processor!)}/readyz`);
    expect(await ready.json()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('schema registry'),
    });
  });

  service.signal('SIGCONT');
  await until(async () => (await fetch(`${addressOf(processor!)}/readyz`)).ok);
  await flow.publishMessages([asTheyWrite(4, theirs)]);
  const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors.map(({ sequence }) => sequence)).toEqual([0, 1, 3, 4]);
  expect(deadLetters).toMatchObject([
    { reason: 'schema-registry-away', value: asTheyWrite(2, theirs).value },
  ]);
});
