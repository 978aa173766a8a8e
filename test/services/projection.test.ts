import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Producer } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { type RedisService, startRedis } from '../../demo/services/start-redis.ts';
import { accumulationKey, projectionKeys } from '../../src/messages/projection.ts';
import { endedRun, startedRun } from '../../src/messages/run.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { encodeRun } from '../../src/wire/run-codec.ts';
import { wireType } from '../../src/wire/wire-type.ts';
import {
  deadLetterBytes,
  descriptorsBytes,
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureDeadLetter,
  fixtureEvent,
  fixtureRequest,
} from '../dashboard/fixture-events.ts';
import { until } from '../until.ts';

const brokers = (process.env.KAFKA_BROKERS_TEST ?? '').split(',');
const main = join(import.meta.dirname, '../../src/bin/projection.ts');
const keys = projectionKeys(readConfig({}).REDIS_PREFIX);
const TOPICS = [
  ...(['scans', 'descriptors', 'deadLetters', 'runs', 'requests', 'acknowledgements'] as const),
  'accumulations',
] as const;
const SAMPLES = ['a', 'b', 'c', 'd', 'e', 'f'];

let redisService: RedisService; // our own: these tests empty it and take it away
let redis: Redis;
let producer: Producer;
let topics: Record<(typeof TOPICS)[number], string>;
let projections: RunningProcess[];
/** Scan ids that were committed, per sample, in order. */
let published: Map<string, string[]>;
let sequence = 0;

beforeAll(async () => {
  redisService = await startRedis();
  redis = new Redis(redisService.url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  producer = createProducer(quietKafkaClient(brokers, { initialRetryTime: 5 }), {
    transactionalId: `projection-test-${randomUUID()}`,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
});

afterAll(async () => {
  await producer.disconnect();
  redis.disconnect();
  await redisService.close();
});

beforeEach(async () => {
  await redis.flushall();
  const id = randomUUID();
  topics = Object.fromEntries(TOPICS.map((name) => [name, `${name}-${id}`])) as typeof topics;
  await createTopics(quietKafkaClient(brokers), Object.values(topics), 3);
  projections = [];
  published = new Map(SAMPLES.map((sample) => [sample, []]));
  sequence = 0;
});

afterEach(async () => {
  await Promise.all(projections.map((projection) => projection.stop()));
});

async function startProjection(
  env: Readonly<Record<string, string>> = {},
  ready = /"msg":"projecting"/,
): Promise<RunningProcess> {
  const projection = await startProcess('projection', {
    ...typescript(main),
    env: {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_GROUP: topics.scans,
      TOPIC_SCANS: topics.scans,
      TOPIC_DESCRIPTORS: topics.descriptors,
      TOPIC_DEAD_LETTERS: topics.deadLetters,
      TOPIC_RUNS: topics.runs,
      TOPIC_REQUESTS: topics.requests,
      TOPIC_ACKNOWLEDGEMENTS: topics.acknowledgements,
      TOPIC_ACCUMULATIONS: topics.accumulations,
      REDIS_URL: redisService.url,
      LOG_LEVEL: 'info',
      ...env,
    },
    ready,
  });
  projections.push(projection);
  return projection;
}

/** Commits `count` scans, spread over the samples; their ids are expected from now on. */
async function publish(count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const number = sequence++;
    const sampleId = SAMPLES[number % SAMPLES.length]!;
    const event = fixtureEvent(number, { sampleId, scanId: `scan-${number}` });
    published.get(sampleId)!.push(event.scanId);
    return { key: sampleId, value: descriptorsBytes(event) };
  });
  await inTransaction((send) => send({ topic: topics.descriptors, messages }));
}

async function inTransaction(
  work: (send: Producer['send']) => Promise<unknown>,
  end: 'commit' | 'abort' = 'commit',
): Promise<void> {
  const transaction = await producer.transaction();
  await work(transaction.send.bind(transaction));
  await transaction[end]();
}

const historyOf = async (sampleId: string): Promise<string[]> =>
  (await redis.lrange(keys.sampleRecent(sampleId), 0, -1)).map((row) => JSON.parse(row).scanId);

const shownScans = async () => Number((await redis.hget(keys.totals, 'scans')) ?? 0);
const publishedScans = () => [...published.values()].flat().length;
const untilAllShown = () => until(async () => (await shownScans()) >= publishedScans());

/** Each committed scan once, in order per sample, in the history, in the log and in the counts. */
async function expectExactlyThePublished(): Promise<void> {
  for (const sampleId of SAMPLES) expect(await historyOf(sampleId)).toEqual(published.get(sampleId));
  expect(await shownScans()).toBe(publishedScans());
  const log = await redis.xrange(keys.events, '-', '+');
  const logged = log.map(([, fields]) => JSON.parse(fields[fields.indexOf('row') + 1]!).scanId);
  expect(logged.sort()).toEqual([...published.values()].flat().sort());
}

describe('the projection', () => {
  test('shows what was committed, once, and nothing of an aborted transaction', async () => {
    await startProjection();
    await publish(30);
    await inTransaction(
      (send) =>
        send({
          topic: topics.descriptors,
          messages: [
            { key: 'a', value: descriptorsBytes(fixtureEvent(1, { sampleId: 'a', scanId: 'aborted' })) },
          ],
        }),
      'abort',
    );
    // A scan that was published twice is another record with the same id.
    await inTransaction((send) =>
      send({
        topic: topics.descriptors,
        messages: [
          { key: 'a', value: descriptorsBytes(fixtureEvent(0, { sampleId: 'a', scanId: 'scan-0' })) },
        ],
      }),
    );
    await publish(6);
    await untilAllShown();
    await expectExactlyThePublished();
    expect(await redis.exists(keys.scan('aborted'))).toBe(0);
    expect(Number(await redis.hget(keys.sample('a'), 'scans'))).toBe(published.get('a')!.length);
  });

  test('shows a dead letter once, by where its record lay, with the head of its bytes', async () => {
    await startProjection();
    const deadLetter = fixtureDeadLetter(7);
    const value = deadLetterBytes(deadLetter);
    await inTransaction((send) =>
      send({
        topic: topics.deadLetters,
        messages: [
          { key: 'a', value },
          { key: 'a', value },
        ],
      }),
    );
    await until(async () => (await redis.hget(keys.totals, 'dead-letters')) !== null);
    await inTransaction((send) =>
      send({
        topic: topics.deadLetters,
        messages: [{ key: 'a', value: deadLetterBytes(fixtureDeadLetter(8)) }],
      }),
    );
    await until(async () => (await redis.zcard(keys.deadLetters)) === 2);
    expect(await redis.hget(keys.totals, 'dead-letters')).toBe('2');
    expect(await redis.hgetBuffer(keys.deadLetter('xanes.scans.v1/1/7'), 'value')).toEqual(deadLetter.value);
  });

  test('shows what is said of a run', async () => {
    await startProjection();
    const about = { runId: 'night', beamline: 'P65', origin: 'LIVE', startedAt: 1000 } as const;
    const run = startedRun(about);
    const ended = endedRun(run, { endedAt: 2000, exitStatus: 'SUCCESS' });
    const messages = [encodeRun(run), encodeRun(ended)];
    await inTransaction((send) => send({ topic: topics.runs, messages }));
    await until(async () => (await redis.get(keys.runState('night')))?.includes('ENDED') ?? false);
    const [, fields] = (await redis.xrevrange(keys.events, '+', '-', 'COUNT', 1))[0]!;
    expect(JSON.parse(fields[fields.indexOf('row') + 1]!)).toMatchObject({ state: 'ENDED', endedAt: 2000 });
  });

  test('shows requests, what was said to them and repeats, and reads them again when Redis is lost', async () => {
    const event = fixtureEvent(0, { sampleId: 'a' });
    const asked = fixtureRequest(event);
    const written = [
      ['request', topics.requests, asked],
      ['acknowledgement', topics.acknowledgements, fixtureAcknowledgement(asked, 'ACCEPTED')],
      ['acknowledgement', topics.acknowledgements, fixtureAcknowledgement(asked, 'DONE')],
      ['accumulation', topics.accumulations, fixtureAccumulation(event)],
    ] as const;
    const held = async () => {
      const texts = await redis.mget(
        keys.request(asked.requestId),
        keys.acknowledgement(asked.requestId),
        keys.accumulation(accumulationKey(event)),
      );
      return texts.map((text) => JSON.parse(text ?? 'null'));
    };
    // A projection of a former version left its positions and knew nothing of these topics.
    const former = await startProjection({
      ...{ TOPIC_REQUESTS: 'none', TOPIC_ACKNOWLEDGEMENTS: 'none', TOPIC_ACCUMULATIONS: 'none' },
    });
    await publish(6);
    for (const [kind, topic, message] of written) {
      const { encode, headers } = wireType(`${kind}.v1.avsc`);
      const record = { key: 'one', value: encode(message), headers: { ...headers } };
      await inTransaction((send) => send({ topic, messages: [record] }));
    }
    await untilAllShown();
    await former.stop();
    expect(await held()).toEqual([null, null, null]);

    await startProjection();
    const isWhole = async () => (await held())[1]?.status === 'DONE' && !(await held()).includes(null);
    await until(isWhole);
    const [request, said, repeats] = await held();
    expect(request).toMatchObject({ kind: 'more-scans', scans: 4, askedBy: 'lab-agent' });
    expect(said).toMatchObject({ status: 'DONE', by: 'daq' });
    expect(repeats).toMatchObject({ members: 3, repeatsNeeded: 2, status: 'GROWING' });
    await redis.flushall();
    await until(isWhole);
    expect(await redis.zcard(keys.requests)).toBe(1);
  });

  test('bytes that do not decode are passed over', async () => {
    const projection = await startProjection();
    const garbage = [Buffer.alloc(0), Buffer.from('garbage'), Buffer.alloc(100_000, 0xff), null];
    for (const topic of [topics.descriptors, topics.deadLetters]) {
      await inTransaction((send) => send({ topic, messages: garbage.map((value) => ({ key: 'a', value })) }));
    }
    await publish(6);
    await untilAllShown();
    await expectExactlyThePublished();
    await until(() => /record does not decode/.test(projection.output()));
  });

  test('after FLUSHALL with nothing else going on, it is rebuilt', async () => {
    await startProjection();
    await publish(60);
    await untilAllShown();
    await redis.flushall();
    await untilAllShown();
    await expectExactlyThePublished();
  });

  test('after FLUSHALL in the middle of the stream, it is rebuilt', async () => {
    await startProjection();
    for (let round = 0; round < 12; round++) {
      await publish(30);
      if (round % 4 === 2) await redis.flushall();
    }
    await untilAllShown();
    await expectExactlyThePublished();
  });

  test('a Redis that hangs delays the projection and loses nothing', async () => {
    await startProjection();
    await publish(12);
    await untilAllShown();
    process.kill(redisService.pid, 'SIGSTOP');
    await publish(30);
    process.kill(redisService.pid, 'SIGCONT');
    await publish(30);
    await untilAllShown();
    await expectExactlyThePublished();
  });

  test('a Redis that is gone, and comes back empty, delays the projection and loses nothing', async () => {
    const projection = await startProjection();
    await publish(12);
    await untilAllShown();
    const port = Number(new URL(redisService.url).port);
    await redisService.close();
    await publish(30);
    await until(() => /Redis does not answer/.test(projection.output()));
    redisService = await startRedis({ port });
    await publish(6);
    await untilAllShown();
    await expectExactlyThePublished();
    await until(() => /Redis answers again/.test(projection.output()));
  });

  test('several projections share the work; one that is killed is replaced', async () => {
    const [first] = [await startProjection(), await startProjection(), await startProjection()];
    const keepPublishing = (async () => {
      for (let round = 0; round < 40; round++) await publish(12);
    })();
    await until(async () => (await shownScans()) > 60);
    first!.signal('SIGKILL');
    await keepPublishing;
    await untilAllShown();
    await expectExactlyThePublished();
  });

  test('is ready when Kafka and Redis answer, and says which does not', async () => {
    const readyz = async ({ output }: RunningProcess) => {
      const url = /"url":"([^"]+)"/.exec(output())?.[1];
      if (url === undefined) return { status: 0, reason: 'no port yet' };
      const response = await fetch(`${url}/readyz`);
      return { status: response.status, ...((await response.json()) as { reason?: string }) };
    };
    const projection = await startProjection();
    await until(async () => (await readyz(projection)).status === 200);

    // An idle projection whose login Redis refuses, one that has no broker, and one that no Redis answers.
    await redis.config('SET', 'requirepass', 'right');
    const locked = new URL(redisService.url);
    locked.password = 'wrong';
    try {
      const refused = await startProjection({ REDIS_URL: locked.href }, /Redis does not answer/);
      await until(async () =>
        /Redis does not answer: .*(WRONGPASS|NOAUTH)/.test((await readyz(refused)).reason!),
      );
      expect((await readyz(refused)).status).toBe(503);
      expect(refused.output()).not.toContain('wrong');
    } finally {
      await redis.config('SET', 'requirepass', '');
    }
    const brokerless = await startProjection({ KAFKA_BROKERS: '127.0.0.1:9' }, /health and metrics/);
    expect(await readyz(brokerless)).toMatchObject({ status: 503, reason: 'no broker has answered yet' });
    expect(await brokerless.exited).toEqual({ code: 1, signal: null });
    expect(brokerless.output()).toMatch(/Expected KAFKA_BROKERS 127\.0\.0\.1:9 to answer within 15 s/);
    expect(brokerless.output().split('\n').filter(Boolean).length).toBeLessThan(10);
  });

  test('says how far the processors are behind', async () => {
    await startProjection();
    await inTransaction((send) => send({ topic: topics.scans, messages: [{ value: 'a' }, { value: 'b' }] }));
    await until(async () => {
      const [report] = Object.values(await redis.hgetall(keys.projections));
      return report !== undefined && JSON.parse(report).scansWaiting >= 2;
    });
  });
});
