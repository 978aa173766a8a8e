import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Client, NewRequest, NewScan, Received, Request } from '@xanes-stream/client';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { until } from '../until.ts';
import { asksAgain } from './asks-again.ts';
import { collect } from './collect.ts';
import { descriptorEvent } from './descriptor-event.ts';
import { type InstalledClient, installedClient } from './installed-client.ts';
import { rawRecords } from './raw-records.ts';
import { requestBytes, requestCases } from './request-cases.ts';
import { BEAMLINE, FROM_BEGINNING, sampleCases } from './sample-cases.ts';
import { clientTopics } from './topics.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
let installed: InstalledClient;
let lib: Awaited<ReturnType<InstalledClient['load']>>;
const processes: RunningProcess[] = [];
const clients: Client[] = [];
const closing: (() => Promise<unknown>)[] = [];
const kafka = quietKafkaClient(brokers);
beforeAll(async () => {
  installed = await installedClient();
  lib = await installed.load();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.stop()));
  await Promise.all(clients.splice(0).map((each) => each.close()));
  await Promise.all(closing.splice(0).map((close) => close()));
});
afterAll(() => installed.remove());

type Topics = Awaited<ReturnType<typeof clientTopics>>['topics'];
const warnings: string[] = [];
async function client(name: string, topics: Topics): Promise<Client> {
  const made = await lib.connect({ brokers, name, topics, onWarning: (text) => warnings.push(text) });
  clients.push(made);
  return made;
}

/** A program of a beamline that leaves it to the test what becomes of each request. */
async function beamline(name: string, topics: Topics) {
  const program = await client(name, topics);
  const received: Received[] = [];
  const read = program.requests({ beamline: 'P65', kinds: ['more-scans', 'stop'] });
  const reading = (async () => {
    for await (const each of read) {
      received.push(each);
      await each.accept();
    }
  })();
  return { received, reading, close: () => program.close() };
}

/** Acknowledgements of these topics as they come, and what publishes records as they are. */
const raw = (topics: Topics) => rawRecords(kafka, topics, closing);

const STOP: NewRequest = { kind: 'stop', beamline: 'P65', sampleId: 'battery', why: 'charged' };

test('holds what it needs, and nothing of the repository but the schemas', () => {
  const folders = new Set(installed.files.map((path) => path.split('/')[0]));
  expect([...folders].sort()).toEqual(['README.md', 'dist', 'examples', 'package.json', 'schemas']);
  for (const file of ['dist/client.js', 'dist/client.d.ts', 'schemas/history/descriptors.v1.2.avsc'])
    expect(installed.files).toContain(file);
});

test('a request is answered, carried out once however often it is asked, and ends', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, keys } = await raw(topics);
  const [agent, daq] = await Promise.all([client('agent', topics), beamline('daq', topics)]);
  const wanted = { ...STOP, kind: 'more-scans', scans: 5, requestId: 'agent/1' } as const;
  const first = await agent.ask(wanted);
  expect(await first.answer({ withinMs: WITHIN_MS })).toMatchObject({
    status: 'ACCEPTED',
    reason: 'ok',
    by: 'daq',
  });
  const second = await agent.ask(wanted);
  await until(() => said.length === 2);
  const [only] = daq.received;
  expect(only!.request).toMatchObject({ kind: 'more-scans', scans: 5, askedBy: 'agent', origin: 'LIVE' });
  await only!.done({ scanIds: ['run/1', 'run/2'] });
  expect(await second.end({ withinMs: WITHIN_MS })).toMatchObject({
    status: 'DONE',
    scanIds: ['run/1', 'run/2'],
  });
  await expect(only!.done()).rejects.toThrow('Expected request agent/1 to be ACCEPTED, it is DONE');
  const third = await agent.ask(wanted);
  expect(await third.end({ withinMs: WITHIN_MS })).toMatchObject({ status: 'DONE' });
  await until(() => said.length === 4);
  expect(said.map(({ status, reason, earlier }) => [status, reason, earlier])).toEqual([
    ['ACCEPTED', 'ok', null],
    ['DUPLICATE', 'duplicate', 'ACCEPTED'],
    ['DONE', 'ok', null],
    ['DUPLICATE', 'duplicate', 'DONE'],
  ]);
  expect(new Set(keys)).toEqual(new Set(['P65']));
  expect(daq.received).toHaveLength(1);
});

test('whatever is asked is answered with its reason, and nothing but what is allowed reaches the beamline', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  const cases = requestCases();
  await publish(topics.requests, [requestBytes({ requestId: 'other', beamline: 'P64' })], 'P64');
  await publish(topics.requests, [Buffer.from('of another')], 'P64');
  for (const { value, headers } of cases) await publish(topics.requests, [value], 'P65', headers);
  const daq = await beamline('daq', topics);
  await until(() => said.length >= cases.length);
  expect(said.map(({ status, reason }) => ({ status, reason }))).toEqual(
    cases.map(({ status, reason }) => ({ status, reason })),
  );
  expect(said[8]!.detail).toBe('Expected scans to be at least 1, got 0');
  expect(said[0]).toMatchObject({ requestId: '', beamline: 'P65', source: { topic: topics.requests } });
  expect(daq.received.map(({ request }) => request.requestId)).toEqual(['k']);
  // Of another beamline, no request: it may lie in another partition.
  const warned = () => warnings.filter((text) => text.includes(topics.requests)).length;
  await until(() => warned() > 0);
  expect(warned()).toBe(1);
});

test('what was accepted before the program began anew has failed, and is not carried out again', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  await publish(topics.requests, [requestBytes({ requestId: 'one' })], 'P65');
  const before = await beamline('daq', topics);
  await until(() => said.length === 1);
  await before.close();
  await before.reading;
  const after = await beamline('daq', topics);
  await publish(
    topics.requests,
    [requestBytes({ requestId: 'one' }), requestBytes({ requestId: 'two' })],
    'P65',
  );
  await until(() => said.length === 4);
  expect(said.map(({ requestId, status, reason, earlier }) => [requestId, status, reason, earlier])).toEqual([
    ['one', 'ACCEPTED', 'ok', null],
    ['one', 'FAILED', 'restarted', null],
    ['one', 'DUPLICATE', 'duplicate', 'FAILED'],
    ['two', 'ACCEPTED', 'ok', null],
  ]);
  expect(after.received.map(({ request }) => request.requestId)).toEqual(['two']);
});

test('an asker is told when nobody answers, and a beamline that it must', async () => {
  const { topics } = await clientTopics(brokers);
  const agent = await client('agent', topics);
  const asked = await agent.ask(STOP);
  expect(await asked.answer({ withinMs: 10 })).toBeNull();
  const daq = await client('daq', topics);
  const requests = daq.requests({ beamline: 'P65', kinds: ['stop'] });
  const { value } = await requests.next();
  expect((value as Received).request.why).toBe('charged');
  await expect(requests.next()).rejects.toThrow(/to be accepted or refused before the next is asked for$/);
});

test('a client that is closed waits for no answer any more', async () => {
  const { topics } = await clientTopics(brokers);
  const agent = await client('agent', topics);
  const { end } = await agent.ask(STOP);
  const heard = end({ withinMs: 86_400_000 });
  await agent.close();
  expect(await heard).toBeNull();
});

const nowhere = Object.fromEntries(
  [
    ...['scans', 'descriptors', 'deadLetters', 'runs', 'requests', 'acknowledgements'],
    ...['changes', 'accumulations'],
  ].map((name) => [name, 'not-there']),
) as Topics;
const energyEv = Float64Array.from({ length: 40 }, (_, i) => 7700 + i);
const SCAN: NewScan = {
  ...{ scanId: 'run/0', runId: 'run', sampleId: 'battery', beamline: 'P65', element: 'Co', sequence: 0 },
  ...{ mode: 'MU', energyEv, mu: energyEv, startedAt: 1, endedAt: 2 },
};

test.each([
  ['a missing channel', { mode: 'TRANSMISSION' }, 'Expected i0, which mode TRANSMISSION needs, got null'],
  ['a short channel', { mu: [1] }, 'Expected mu to have 40 numbers, as energyEv, got 1'],
  ['too few points', { energyEv: [1], mu: [1] }, 'Expected energyEv to have at least 20 items, got 1'],
  ['a long id', { runId: 'x'.repeat(1025) }, 'Expected runId to have at most 1024 characters, got 1025'],
  ['no sample', { sampleId: '' }, 'Expected sampleId not to be empty'],
  ['seconds for ms', { startedAt: 1.5 }, 'Expected startedAt to be long, got 1.5'],
  [
    'microseconds for ms',
    { endedAt: 1.7e15 },
    'Expected endedAt to be below 4102444800000, got 1700000000000000',
  ],
  ['a number as metadata', { metadata: { kelvin: 300 } }, 'Expected metadata.kelvin to be string, got 300'],
])('a scan that would be refused is not published: %s', async (_, changed, sentence) => {
  const beam = await client('daq', nowhere);
  await expect(beam.publishScan({ ...SCAN, ...changed } as NewScan)).rejects.toThrow(sentence);
});

test('a topic that is missing is named at once, by whatever needs it', async () => {
  const agent = await client('agent', nowhere);
  const sentence =
    /^Expected topic not-there to exist and to be visible to this user, got none of that name;/;
  await expect(agent.ask(STOP)).rejects.toThrow(sentence);
  await expect(agent.descriptors().next()).rejects.toThrow(sentence);
  await expect(agent.requests({ beamline: 'P65', kinds: [] }).next()).rejects.toThrow(sentence);
  await expect(agent.publishScan(SCAN)).rejects.toThrow(sentence);
  await expect(agent.startRun({ runId: 'run', beamline: 'P65' })).rejects.toThrow(sentence);
});

test('events come from now on or from the beginning, live and whole ones unless told otherwise, and once read are not read again', async () => {
  const { topics } = await clientTopics(brokers);
  const { publish } = await raw(topics);
  const event = (sequence: number, origin: 'LIVE' | 'REPLAY' = 'LIVE') =>
    descriptorEvent('battery', sequence, { os: 3, verdict: 'ACCEPT', origin });
  const preview = descriptorEvent('battery', 9, { os: 3, verdict: 'ACCEPT', partialOf: 'battery/2' });
  await publish(
    topics.descriptors,
    [event(0), Buffer.from('no event'), event(1, 'REPLAY'), preview, event(2)],
    'battery',
  );
  const agent = await client('agent', topics);
  const ids: string[] = [];
  for await (const { scanId, means } of agent.descriptors({ from: 'beginning' })) {
    expect(means[0]).toMatchObject({ name: 'OS', value: 3 });
    if (ids.push(scanId) === 2) break;
  }
  expect(ids).toEqual(['battery/0', 'battery/2']);
  expect(warnings.at(-1)).toMatch(
    /^Passed over offset 1 of .*: Expected 8 bytes to decode as xanes.v1.Descriptors/,
  );
  // The last one was not followed by a call for the next: it comes again.
  const { value } = await agent.descriptors({ replay: true }).next();
  expect(value).toMatchObject({ scanId: 'battery/2' });
  const partial = agent.descriptors({ group: 'all', from: 'beginning', previews: true });
  for await (const { scanId, partialOf } of partial) {
    if (partialOf === null) continue;
    expect([scanId, partialOf]).toEqual(['battery/9', 'battery/2']);
    break;
  }
  const now = (await client('other', topics)).descriptors({ from: 'now' });
  const next = now.next();
  await publish(topics.descriptors, [event(3)], 'battery');
  // Published before or after the reader was there: with neither it would be 0.
  await until(async () => {
    await publish(topics.descriptors, [event(4)], 'battery');
    return Promise.race([
      next.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 200, false)),
    ]);
  });
  expect(['battery/3', 'battery/4']).toContain((await next).value!.scanId);
});

test('the lab agent acts on accepted means with a narrow interval alone, and the beamline does what it asks', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  const requests = await collect<Request>(kafka, topics.requests, 'request');
  const scans = await collect<{ scanId: string; sampleId: string }>(kafka, topics.scans, 'scan');
  closing.push(requests.close, scans.close);
  const start = async (example: string, ready: RegExp, ...args: string[]) => {
    const common = ['--brokers', brokers.join(), '--topics', JSON.stringify(topics)];
    const started = await installed.start(example, [...common, ...args], { ready });
    processes.push(started);
    return started;
  };
  // The example scans are of a beamline of this name.
  const daq = await start('beamline.ts', /takes more-scans/, '--beamline', 'test');
  const event = descriptorEvent;
  await publish(
    topics.descriptors,
    [
      ...[0, 1, 2].map((i) => event('old', i, { os: 4, verdict: 'ACCEPT' }, 3_600_000)),
      ...[0, 1, 2].map((i) => event('replayed', i, { os: 4, verdict: 'ACCEPT', origin: 'REPLAY' })),
      ...[0, 1, 2].map((i) => event('flagged', i, { os: 4, verdict: 'FLAG' })),
      ...[0, 1, 2].map((i) => event('wide', i, { os: 4, half: 0.4, verdict: 'ACCEPT' })),
      Buffer.from('not descriptors'),
      ...[3.4, 3.6, 3.7].map((os, i) => event('charging', i, { os, verdict: 'ACCEPT' })), // mean 3.57
      event('noisy', 0, { os: 3, verdict: 'FLAG', advice: 'ACCUMULATE' }),
      event('charging', 3, { os: 3.8, verdict: 'ACCEPT' }), // mean 3.7
      event('charging', 4, { os: 3.9, verdict: 'ACCEPT' }), // it was stopped
      event('last', 0, { os: 3, verdict: 'FLAG', advice: 'ACCUMULATE' }),
    ],
    'one',
  );
  const agent = await start('lab-agent.ts', /reads descriptors/, ...FROM_BEGINNING, '--more', '3');
  await until(() => said.filter(({ status }) => status === 'DONE').length === 3);
  await until(() => requests.messages.length >= 3); // by a reader of its own
  expect(requests.messages).toMatchObject([
    {
      kind: 'more-scans',
      sampleId: 'noisy',
      why: 'too noisy',
      scans: 3,
      requestId: 'lab-agent/more-scans/noisy/0',
    },
    {
      ...{
        kind: 'stop',
        sampleId: 'charging',
        runId: 'run',
        askedBy: 'lab-agent',
        beamline: 'test',
        origin: 'LIVE',
      },
      why: 'Mean oxidation state 3.70 (3.60 to 3.80), by 3 accepted scans; wanted 3.6',
      scanIds: ['charging/1', 'charging/2', 'charging/3'],
    },
    { kind: 'more-scans', sampleId: 'last' },
  ]);
  expect(requests.keys).toEqual(['test', 'test', 'test']);
  const done = said.filter(({ requestId }) => requestId === 'lab-agent/more-scans/last/0');
  expect(done.map(({ status, scanIds }) => [status, scanIds.length])).toEqual([
    ['ACCEPTED', 0],
    ['DONE', 3],
  ]);
  await until(() => done[1]!.scanIds.every((id) => scans.messages.some(({ scanId }) => scanId === id)));
  await until(() => agent.output().includes(done[1]!.scanIds[2]!));
  for (const each of [agent, daq]) expect((await each.stop()).code).toBe(0);
});

test('an agent acts on changes and on repeats, asks for each once, and hears what becomes of it', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  const requests = await collect<Request>(kafka, topics.requests, 'request');
  closing.push(requests.close);
  const common = ['--brokers', brokers.join(), '--topics', JSON.stringify(topics)];
  const start = async (example: string, ready: RegExp, ...args: string[]) => {
    const started = await installed.start(example, [...common, ...args], { ready });
    processes.push(started);
    return started;
  };
  await start('beamline.ts', /takes more-scans/, '--beamline', BEAMLINE);
  const { changes, accumulations, asked } = sampleCases();
  await publish(topics.changes, [Buffer.from('no change'), ...changes], 'one');
  await publish(topics.accumulations, accumulations, 'one');
  const agent = await start('follow-samples.ts', /follows samples/, ...FROM_BEGINNING, '--more', '3');
  const ids = Object.keys(asked);
  await until(() =>
    ids.every((id) => said.some(({ requestId, status }) => requestId === id && status !== 'ACCEPTED')),
  );
  await until(() => requests.messages.length >= ids.length); // by a reader of its own
  const byId = Object.fromEntries(requests.messages.map((request) => [request.requestId, request]));
  expect(byId).toMatchObject(asked);
  // The example beamline takes neither a rescan nor a pause.
  await until(() => agent.output().match(/"REFUSED"/g)?.length === 2 && /"ACCEPTED"/.test(agent.output()));
  expect((await agent.stop()).code).toBe(0);
  expect(requests.messages).toHaveLength(ids.length);
});

test('an agent asks again for scans of which nothing came', async () => {
  const { topics } = await clientTopics(brokers);
  const { publish } = await raw(topics);
  const args = ['--brokers', brokers.join(), '--topics', JSON.stringify(topics), ...FROM_BEGINNING];
  const agent = await asksAgain(kafka, topics, publish, async () => {
    const running = await installed.start('follow-samples.ts', args, { ready: /follows samples/ });
    processes.push(running);
    return running;
  });
  expect(await agent.stop()).toEqual({ code: 0, signal: null }); // though it still waits for answers
});

test('the examples say in one line what is wrong, and end', async () => {
  for (const example of ['lab-agent.ts', 'follow-samples.ts', 'beamline.ts']) await saysWhatIsWrong(example);
  const away = lib.connect({ brokers: ['127.0.0.1:9'], name: 'agent', withinMs: 100 });
  await expect(away).rejects.toThrow(
    /^Expected a broker at 127\.0\.0\.1:9 to answer within 0\.1 s: .*ECONNREFUSED/,
  );
});

async function saysWhatIsWrong(example: string): Promise<void> {
  const end = async (...args: string[]) => {
    const running = await installed.start(example, args, { env: { KAFKA_BROKERS: undefined } });
    const { code } = await running.exited;
    return { code, lines: running.output().split('\n').filter(Boolean) };
  };
  const line = (text: RegExp) => [expect.stringMatching(text)];
  const [help, flag, value, missing] = await Promise.all([
    end('--help'),
    end('--fly'),
    end('--topics', 'x'),
    end('--brokers', brokers.join(), '--topics', JSON.stringify(nowhere)),
  ]);
  expect(help.code).toBe(0);
  expect(flag).toEqual({ code: 2, lines: line(/--fly.*--help lists the options$/) });
  expect(value).toEqual({ code: 2, lines: line(/--help lists the options$/) });
  expect(missing.code).toBe(1);
  expect(missing.lines.at(-1)).toMatch(/^Expected topic not-there to exist/);
  expect(missing.lines.length).toBeLessThanOrEqual(2); // before it, what it was about to read
}
