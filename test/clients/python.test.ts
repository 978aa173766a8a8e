import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Acknowledgement, Client, Request, Run } from '@xanes-stream/client';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { wireType } from '../../src/wire/wire-type.ts';
import { exampleScan } from '../faults/scans.ts';
import { startFlow } from '../integration/flow.ts';
import { until } from '../until.ts';
import { asksAgain } from './asks-again.ts';
import { collect } from './collect.ts';
import { descriptorEvent } from './descriptor-event.ts';
import { type InstalledClient, installedClient } from './installed-client.ts';
import { type InstalledPythonClient, installedPythonClient } from './installed-python-client.ts';
import { rawRecords } from './raw-records.ts';
import { requestBytes, requestCases } from './request-cases.ts';
import { BEAMLINE, FROM_BEGINNING, sampleCases } from './sample-cases.ts';
import { clientTopics } from './topics.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const kafka = quietKafkaClient(brokers);
let python: InstalledPythonClient;
let node: InstalledClient;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  [python, node] = await Promise.all([installedPythonClient(), installedClient()]);
}, 600_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => {
  python.remove();
  node.remove();
});

type Topics = Awaited<ReturnType<typeof clientTopics>>['topics'];
const common = (topics: object) => ['--brokers', brokers.join(), '--topics', JSON.stringify(topics)];

async function started(running: Promise<RunningProcess>): Promise<RunningProcess> {
  const process = await running;
  closing.push(process.stop);
  return process;
}

/** Acknowledgements of these topics as they come, and what publishes records as they are. */
const raw = (topics: Topics) => rawRecords(kafka, topics, closing);

/** A program with a client `xanes`, which says what is left of it as JSON. */
const program = (lines: string) => `
import json, sys
import xanes_stream
from xanes_stream import Client, ClientError, about
xanes = Client(sys.argv[1], name="test", topics=json.loads(sys.argv[2]))
said = []
${lines}
xanes.close()
print(json.dumps(said))
`;
const runs = async (lines: string, topics: object) =>
  JSON.parse(await python.run(program(lines), [brokers.join(), JSON.stringify(topics)]));

test('holds its schemas and its types, and its types hold', async () => {
  for (const file of [
    'py.typed',
    'messages.py',
    'schemas/request.v1.avsc',
    'schemas/history/descriptors.v1.1.avsc',
  ])
    expect(python.files).toContain(`xanes_stream/${file}`);
  expect(await python.typeErrors()).toBe('');
});

test('whatever is asked is answered with its reason, as by the other package', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  const cases = requestCases();
  await publish(topics.requests, [requestBytes({ requestId: 'other', beamline: 'P64' })], 'P64');
  for (const { value, headers } of cases) await publish(topics.requests, [value], 'P65', headers);
  const args = [...common(topics), '--beamline', 'P65'];
  const before = await started(python.start('beamline.py', args, /takes more-scans/));
  await until(() => said.length > cases.length);
  const brief = ({ status, reason }: Pick<Acknowledgement, 'status' | 'reason'>) => ({ status, reason });
  expect(said.map(brief)).toEqual([...cases.map(brief), { status: 'DONE', reason: 'ok' }]);
  expect(said[8]!.detail).toBe('Expected scans to be at least 1, got 0');
  // Begun anew it reads nothing again, and knows what was there.
  expect((await before.stop()).code).toBe(0);
  await started(python.start('beamline.py', args, /takes more-scans/));
  await publish(topics.requests, [requestBytes({ requestId: 'k' }), requestBytes({ requestId: 'z' })], 'P65');
  await until(() => said.length === cases.length + 4);
  expect(said.slice(-3)).toMatchObject([
    { requestId: 'k', status: 'DUPLICATE', earlier: 'DONE' },
    { requestId: 'z', status: 'ACCEPTED' },
    { requestId: 'z', status: 'DONE', scanIds: [expect.stringMatching(/^P65-/)] },
  ]);
});

test('what was accepted before the program began anew has failed; whoever answers nothing is told', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  await publish(
    topics.requests,
    [requestBytes({ requestId: 'one' }), requestBytes({ requestId: 'two' })],
    'P65',
  );
  const requests = 'xanes.requests("P65", ["more-scans"])';
  const [first] = await runs(
    `received = next(${requests}); received.accept(); said.append(received.request)`,
    topics,
  );
  expect(first).toMatchObject({ requestId: 'one', scans: 1 });
  const [error] = await runs(
    `reading = ${requests}
next(reading)
try: next(reading)
except ClientError as error: said.append(str(error))`,
    topics,
  );
  expect(error).toBe('Expected request two to be accepted or refused before the next is asked for');
  await until(() => said.length === 2);
  expect(said).toMatchObject([
    { requestId: 'one', status: 'ACCEPTED' },
    { requestId: 'one', status: 'FAILED', reason: 'restarted' },
  ]);
});

test('the lab agent acts on accepted means alone, and the beamline of the other package does what it asks', async () => {
  const { topics } = await clientTopics(brokers);
  const { said, publish } = await raw(topics);
  const requests = await collect<Request>(kafka, topics.requests, 'request');
  closing.push(requests.close);
  await started(
    node.start('beamline.ts', [...common(topics), '--beamline', 'test'], { ready: /takes more-scans/ }),
  );
  const event = descriptorEvent;
  const events = [
    event('old', 0, { os: 4, verdict: 'ACCEPT' }, 3_600_000),
    event('replayed', 0, { os: 4, verdict: 'ACCEPT', origin: 'REPLAY' }),
    event('flagged', 0, { os: 4, verdict: 'FLAG' }),
    event('charging', 0, { os: 3.65, verdict: 'ACCEPT' }), // its interval begins at 3.55
    Buffer.from('not descriptors'),
    event('noisy', 0, { os: 3, verdict: 'FLAG', advice: 'ACCUMULATE' }),
    event('charging', 1, { os: 3.8, verdict: 'ACCEPT' }),
    event('charging', 2, { os: 3.9, verdict: 'ACCEPT' }), // it was stopped
  ];
  await publish(topics.descriptors, events, 'one');
  const args = [...common(topics), ...FROM_BEGINNING, '--more', '2'];
  const agent = await started(python.start('lab_agent.py', args, /reads descriptors/));
  await until(() => said.filter(({ status }) => status === 'DONE').length === 2);
  await until(() => requests.messages.length >= 2); // by a reader of its own
  expect(requests.messages).toMatchObject([
    { kind: 'more-scans', sampleId: 'noisy', scans: 2, requestId: 'lab-agent/more-scans/noisy/0' },
    {
      ...{ kind: 'stop', sampleId: 'charging', scanIds: ['charging/1'], origin: 'LIVE' },
      why: 'Mean oxidation state 3.80 (3.70 to 3.90); wanted 3.6',
    },
  ]);
  await until(() => agent.output().includes('"DONE"') || agent.output().match(/"ACCEPTED"/g)?.length === 2);
  expect((await agent.stop()).code).toBe(0);
});

test('an agent acts on changes and on repeats as that of the other package, and hears what becomes of it', async () => {
  const { topics } = await clientTopics(brokers);
  const { publish } = await raw(topics);
  const requests = await collect<Request>(kafka, topics.requests, 'request');
  closing.push(requests.close);
  const beamline = [...common(topics), '--beamline', BEAMLINE];
  await started(node.start('beamline.ts', beamline, { ready: /takes more-scans/ }));
  const { changes, accumulations, asked } = sampleCases();
  await publish(topics.changes, [Buffer.from('no change'), ...changes], 'one');
  await publish(topics.accumulations, accumulations, 'one');
  const args = [...common(topics), ...FROM_BEGINNING, '--more', '3'];
  const agent = await started(python.start('follow_samples.py', args, /follows samples/));
  const ids = Object.keys(asked);
  await until(() => requests.messages.length >= ids.length);
  const byId = Object.fromEntries(requests.messages.map((request) => [request.requestId, request]));
  expect(byId).toMatchObject(asked);
  // The example beamline takes neither a rescan nor a pause.
  await until(() => agent.output().match(/"REFUSED"/g)?.length === 2 && /"ACCEPTED"/.test(agent.output()));
  expect((await agent.stop()).code).toBe(0);
  expect(requests.messages).toHaveLength(ids.length);
  const missing = await python.start('follow_samples.py', common({ changes: 'not-there' }));
  expect((await missing.exited).code).toBe(1);
  expect(missing.output()).toMatch(/^Expected topic not-there to exist/m);
});

test('an agent asks again for scans of which nothing came, as that of the other package', async () => {
  const { topics } = await clientTopics(brokers);
  const { publish } = await raw(topics);
  const args = [...common(topics), ...FROM_BEGINNING];
  const agent = await asksAgain(kafka, topics, publish, () =>
    started(python.start('follow_samples.py', args, /follows samples/)),
  );
  expect((await agent.stop()).code).toBe(0);
});

test('a run that starts and ends is heard of by both packages, and its bounds hold', async () => {
  const { topics } = await clientTopics(brokers);
  const beamline = await started(
    python.start('beamline.py', [...common(topics), '--beamline', 'P65'], /takes more-scans/),
  );
  expect((await beamline.stop()).code).toBe(0);
  const { connect, ClientError } = await node.load();
  const xanes = await connect({ brokers, name: 'node', topics });
  closing.push(() => xanes.close());
  const run = { runId: 'night', beamline: 'P65', metadata: { proposal: '7' } };
  await xanes.startRun(run);
  await xanes.endRun({ ...run, exitStatus: 'ABORT', reason: 'no beam', scans: 3 });
  await expect(xanes.endRun({ ...run, reason: 'x'.repeat(1001) })).rejects.toThrow(ClientError);
  const told = await runs(
    `from itertools import islice
said += islice(xanes.runs(from_="beginning"), 4)`,
    topics,
  );
  const own: Run[] = [];
  for await (const each of xanes.runs({ from: 'beginning' })) if (own.push(each) === 4) break;
  const brief = (all: readonly Run[]) =>
    all.map(({ runId, state, exitStatus, scans }) => [runId, state, exitStatus, scans].join());
  expect(brief(told).sort()).toEqual(brief(own).sort());
  expect(own.filter(({ runId }) => runId === 'night')).toEqual([
    expect.objectContaining({ state: 'STARTED', endedAt: null, metadata: { proposal: '7' } }),
    expect.objectContaining({ state: 'ENDED', exitStatus: 'ABORT', reason: 'no beam', scans: 3 }),
  ]);
  expect(own.filter(({ origin }) => origin === 'REPLAY').map(({ state }) => state)).toEqual([
    'STARTED',
    'ENDED',
  ]);
});

test('changes and accumulations are read by both packages, live ones alone unless they are asked for', async () => {
  const { topics } = await clientTopics(brokers);
  const about = { runId: 'night', sampleId: 's', beamline: 'P65', element: 'Co', edge: 'K' };
  const change = {
    ...{ ...about, quantity: 'SPECTRUM', kind: 'STEP', lastBefore: 1, firstAfter: 2, foundAt: 3, size: 0.4 },
    ...{ low: 0.3, high: 0.5, level: 0.9, perHour: null, confidence: 0.9999, scanBefore: 'a' },
    ...{ scansAfter: ['b', 'c', 'd'], returnedTo: null, modelHash: 'f'.repeat(64) },
    source: { topic: 'descriptors', partition: 0, offset: 7 },
  };
  const accumulation = {
    ...{ ...about, at: 3, status: 'ACCEPTED', reason: 'accepted', detail: 'The gate has accepted.' },
    ...{ members: ['a', 'b'], mean: 'a/mean-2', repeatsNeeded: null },
  };
  const [changes, accumulations] = [wireType('change.v1.avsc'), wireType('accumulation.v1.avsc')];
  const producer = createProducer(kafka);
  await producer.connect();
  closing.push(() => producer.disconnect());
  for (const origin of ['LIVE', 'REPLAY']) {
    const [told, grown] = [
      changes.encode({ ...change, changeId: `SPECTRUM/${origin}`, origin }),
      accumulations.encode({ ...accumulation, accumulationId: origin, origin }),
    ];
    for (const [topic, value, headers] of [
      [topics.changes, told, changes.headers],
      [topics.accumulations, grown, accumulations.headers],
    ] as const)
      await producer.send({ topic, messages: [{ key: 's', value, headers: { ...headers } }] });
  }
  const told = await runs(
    `from itertools import islice
said += ([each["changeId"], each["size"], each["scansAfter"]] for each in islice(xanes.changes(from_="beginning"), 1))
said += ([each["changeId"]] for each in islice(xanes.changes(group="all", from_="beginning", replay=True), 2))
said += ([each["accumulationId"], each["status"], each["mean"]] for each in islice(xanes.accumulations(from_="beginning"), 1))
said += ([each["accumulationId"]] for each in islice(xanes.accumulations(group="all-2", from_="beginning", replay=True), 2))`,
    topics,
  );
  const { connect } = await node.load();
  const xanes = await connect({ brokers, name: 'node', topics });
  closing.push(() => xanes.close());
  const own: unknown[] = [];
  const from = 'beginning';
  for await (const each of xanes.changes({ from })) {
    own.push([each.changeId, each.size, each.scansAfter]);
    break;
  }
  for await (const each of xanes.changes({ from, group: 'node-all', replay: true }))
    if (own.push([each.changeId]) === 3) break;
  for await (const each of xanes.accumulations({ from })) {
    own.push([each.accumulationId, each.status, each.mean]);
    break;
  }
  for await (const each of xanes.accumulations({ from, group: 'node-all-2', replay: true }))
    if (own.push([each.accumulationId]) === 6) break;
  expect(own).toEqual([
    ['SPECTRUM/LIVE', 0.4, ['b', 'c', 'd']],
    ...[['SPECTRUM/LIVE'], ['SPECTRUM/REPLAY']],
    ['LIVE', 'ACCEPTED', 'a/mean-2'],
    ...[['LIVE'], ['REPLAY']],
  ]);
  expect(told).toEqual(own);
});

test('an evaluation function waits for the accepted values of a run, and says why there are none', async () => {
  const { topics } = await clientTopics(brokers);
  const { os, half } = { os: 3.4, half: 0.1645 }; // of an interval of 90%: 1.645 standard errors
  const events = [
    descriptorEvent('cell', 0, { os: 3.1, verdict: 'ACCEPT', run: 'another' }),
    descriptorEvent('cell', 1, { os: 3.9, verdict: 'FLAG', run: 'one' }),
    descriptorEvent('cell', 2, { os, half, verdict: 'ACCEPT', run: 'one' }),
    descriptorEvent('cell', 2, { os, half, verdict: 'ACCEPT', run: 'one' }), // read twice
    descriptorEvent('cell', 3, { os: 3.6, half, verdict: 'ACCEPT', run: 'one' }),
    descriptorEvent('cell', 4, { os: 3.9, verdict: 'FLAG', run: 'flagged' }),
  ].map((event) => event.toString('base64'));
  const [one, both, nothing, foreign, wide] = await runs(
    `import base64
from confluent_kafka import Producer
from xanes_stream.evaluation import Evaluation, NothingAccepted, distance_from, mean_of
outcomes = {"OS": mean_of("OS"), "off": distance_from("OS", 3.7)}
evaluate = Evaluation(xanes, outcomes, scans=2, within_s=600)
producer = Producer({"bootstrap.servers": sys.argv[1]})
for event in ${JSON.stringify(events)}:
  producer.produce(json.loads(sys.argv[2])["descriptors"], base64.b64decode(event), key="cell")
producer.flush()
said.append(evaluate("one", [{"_id": 7, "lithium": 0.5}]))
short = Evaluation(xanes, outcomes, within_s=20)
for event in ${JSON.stringify([events[0], events[5]])}:
  producer.produce(json.loads(sys.argv[2])["descriptors"], base64.b64decode(event), key="cell")
producer.flush()
try: said.append(short({0: "another", 1: "flagged"}, [{"_id": 1}, {"_id": 0}]))
except NothingAccepted as error: said.append(str(error))
said.append(short({0: "another"}, [{"_id": 0}]))
try: short("one", [{"_id": 0}, {"_id": 1}])
except ClientError as error: said.append(str(error))
mean = dict(name="OS", value=3.4, low=3.0, high=3.8, level=0.9, verdict="FLAG", reason="wide-interval")
vague, doubtful = ({"means": [mean | {"reason": reason}]} for reason in ("wide-interval", "no-standard"))
said.append([mean_of("OS")(vague), mean_of("OS", wide=True)(vague), mean_of("OS", wide=True)(doubtful)])`,
    topics,
  );
  const close = (value: number) => expect.closeTo(value, 3);
  expect(one).toEqual([{ _id: 7, OS: [close(3.5), close(0.1)], off: [close(0.2), close(0.1)] }]);
  expect(both).toBe('Expected an accepted OS of run flagged in 20 s: 1 scans were judged: OS no-standard');
  expect(nothing).toMatchObject([{ _id: 0, OS: [close(3.1), expect.any(Number)] }]);
  expect(wide).toEqual([null, [3.4, close(0.2432)], null]);
  expect(foreign).toMatch(/^Expected the uid of a run for each of 2 suggestions, by their _id, got 'one'$/);
});

test('what would be refused is not published, and what is missing is named', async () => {
  const { topics } = await clientTopics(brokers);
  const lines = await runs(
    `good = dict(scanId="a", runId="r", sampleId="s", beamline="P65", element="Co", mode="MU", sequence=0, startedAt=1,
  endedAt=2, energyEv=range(7700, 7740), mu=range(40))
def tried(call):
  try: call()
  except ClientError as error: said.append(str(error))
for changed in (dict(mode="TRANSMISSION"), dict(mu=[1]), dict(energyEv=[1], mu=[1]), dict(runId="x" * 1025),
    dict(sampleId=""), dict(startedAt=1.5), dict(endedAt=1700000000000000), dict(metadata=dict(kelvin=300))):
  tried(lambda: xanes.publish_scan(good | changed))
tried(lambda: xanes.ask("more-scans", beamline="P65", why="noisy"))
tried(lambda: xanes.ask("stop", beamline="P65", why="x" * 1001))
tried(lambda: xanes.ask("stop", beamline="P65", why="charged").answer(within_s=0.1) or said.append("nobody"))
away = Client(sys.argv[1], name="test", topics={name: "not-there" for name in xanes_stream.TOPICS})
for call in (lambda: away.publish_scan(good), lambda: away.ask("stop", beamline="P65", why="charged"),
    lambda: next(away.descriptors()), lambda: next(away.requests("P65", ["stop"]))):
  tried(call)
tried(lambda: Client("127.0.0.1:9", name="test", within_s=1))
xanes.publish_scan(good)`,
    topics,
  );
  const missing = expect.stringMatching(/^Expected topic not-there to exist and to be visible to this user/);
  expect(lines).toEqual([
    'Expected i0, which mode TRANSMISSION needs, got None',
    'Expected mu to have 40 numbers, as energyEv, got 1',
    'Expected energyEv to have at least 20 items, got 1',
    'Expected runId to have at most 1024 characters, got 1025',
    'Expected sampleId not to be empty',
    'Expected startedAt to be long, got 1.5',
    'Expected endedAt to be below 4102444800000, got 1700000000000000',
    expect.stringMatching(/^Expected metadata/),
    'Expected scans, which more-scans needs, got None',
    'Expected why to have 1 to 1000 characters, got 1001',
    'nobody',
    ...[missing, missing, missing, missing],
    expect.stringMatching(/^Expected a broker at 127\.0\.0\.1:9 to answer within 1 s: \S/),
  ]);
});

test('a real processor judges what both packages publish, and both read its answers and its dead letters', async () => {
  const flow = await startFlow(brokers, { partitions: 2 });
  closing.push(() => flow.close());
  const { topics: loop } = await clientTopics(brokers);
  const topics = {
    ...loop,
    scans: flow.env.TOPIC_SCANS!,
    descriptors: flow.env.TOPIC_DESCRIPTORS!,
    deadLetters: flow.env.TOPIC_DEAD_LETTERS!,
  };
  const processor = await flow.start();
  closing.push(() => processor.stop());
  await started(python.start('beamline.py', [...common(topics), '--beamline', 'P65'], /takes more-scans/));
  const { connect } = await node.load();
  const agent: Client = await connect({ brokers, name: 'agent', topics });
  closing.push(() => agent.close());
  const asked = await agent.ask({
    kind: 'more-scans',
    scans: 2,
    beamline: 'P65',
    sampleId: 'battery',
    why: 'a test',
  });
  const end = await asked.end({ withinMs: 600_000 });
  expect(end).toMatchObject({ status: 'DONE', scanIds: [expect.any(String), expect.any(String)] });
  const { startedAtMs, endedAtMs, ...scan } = exampleScan('battery', 7);
  const own = { ...scan, startedAt: startedAtMs, endedAt: endedAtMs };
  const part = { ...own, scanId: 'part', metadata: { ...own.metadata, 'partial.of': own.scanId } };
  await agent.publishScan(part); // a preview, which comes to whom asks for it alone
  await agent.publishScan(own);
  await agent.publishScan({ ...own, scanId: 'broken', mu: own.energyEv.map(() => Number.NaN) });
  const wanted = [...end!.scanIds, own.scanId];
  const events: string[] = [];
  for await (const { scanId, means } of agent.descriptors({ from: 'beginning', replay: true })) {
    expect(means.map(({ name }) => name)).toEqual(['OS', 'CN', 'OCN']);
    if (events.push(scanId) === wanted.length) break;
  }
  expect(events).toEqual(wanted);
  const seen = await runs(
    `from itertools import islice
said += [event["scanId"] for event in islice(xanes.descriptors(from_="beginning", replay=True), 3)]
every = xanes.descriptors(group="all", from_="beginning", replay=True, previews=True)
said += [next(event["scanId"] for event in every if event["partialOf"] == "${own.scanId}")]
letter = next(xanes.dead_letters(from_="beginning"))
said += [letter["reason"], letter["scanId"], letter["key"].decode()]`,
    topics,
  );
  expect(seen).toEqual([...wanted, 'part', 'non-finite', 'broken', 'battery']);
  const letter = (await agent.deadLetters({ from: 'beginning' }).next()).value!;
  expect([letter.reason, letter.scanId, String(letter.key)]).toEqual(['non-finite', 'broken', 'battery']);
});
