import { hostname } from 'node:os';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type CommittedBatch, committedReader } from './consumers/committed-reader.ts';
import { type GroupLag, groupLagReader } from './consumers/group-lag.ts';
import { kafkaClient } from './consumers/kafka-client.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { type ProjectionBatch, redisProjection } from './producers/redis-projection.ts';
import type { Service } from './run-service.ts';
import { createLogger, serveTelemetry } from './telemetry.ts';
import { decodeDeadLetter } from './wire/dead-letter-codec.ts';
import { decodeDescriptors } from './wire/descriptors-codec.ts';

const CHECK_EVERY_MS = 1000;
/** Records of one script call: Redis serves nobody else meanwhile, some 0.1 ms a record. */
const RECORDS_A_CALL = 100;

/** Builds one projection of the committed topics into Redis from its configuration and starts it. */
export async function projection(
  config: Config,
  clock: Clock,
  onFatal: (error: Error) => void,
): Promise<Service> {
  const logger = createLogger('projection', config.LOG_LEVEL);
  const metrics = projectionMetrics();
  const instance = `${hostname()}:${process.pid}`;
  const ending = new AbortController();
  let redisFailure: string | null = null;

  const redis = redisProjection({
    url: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    nowMs: clock.nowMs,
    onRedisError: (error) => logger.debug({ err: error }, 'redis'),
  });
  const kafka = kafkaClient(kafkaSettings(config, logger));
  /** Positions that Redis held when it last answered; a partition that is missing was not placed yet. */
  const held = new Map<string, bigint | null>();
  const lags = new Map<string, number>();
  const writing = new Set<string>();
  const name = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

  const reader = committedReader({
    kafka,
    groupId: `${config.KAFKA_GROUP}-projection`,
    topics: [config.TOPIC_DESCRIPTORS, config.TOPIC_DEAD_LETTERS],
    nowMs: clock.nowMs,
    async startAt(topic, partition) {
      const position = await untilRedisAnswers(() => redis.position(topic, partition), ending.signal);
      held.set(name({ topic, partition }), position ?? null);
      return position ?? null;
    },
    onBatch: write,
    onWarning: (message, error) => logger.warn({ err: error }, message),
    onCrash: onFatal,
  });

  async function write(batch: CommittedBatch): Promise<void> {
    const partition = name(batch);
    writing.add(partition);
    try {
      for (const part of parts(batch)) {
        const from = held.get(partition) ?? null;
        const answer = await untilRedisAnswers(() => redis.apply({ ...part, from }), batch.signal);
        if (answer === undefined) return; // no longer ours, or closing
        // A refusal at our own end is our own write whose answer was lost with the connection.
        const position = answer.applied ? part.to : answer.position;
        held.set(partition, position);
        if (position !== part.to) return await restart(batch, position);
        count(part);
      }
      lags.set(partition, batch.lag);
    } finally {
      writing.delete(partition);
    }
  }

  async function restart(at: { topic: string; partition: number }, position: bigint | null): Promise<void> {
    logger.warn(
      { ...at, position: position?.toString() ?? 'beginning' },
      'Redis stands elsewhere; reading from there',
    );
    metrics.restarts.inc();
    held.set(name(at), position);
    await reader.seek(at.topic, at.partition, position);
  }

  /** Batches of at most RECORDS_A_CALL records, decoded; those that do not decode are counted and passed over. */
  function* parts({ topic, partition, records, nextOffset }: CommittedBatch): Generator<ProjectionBatch> {
    for (let start = 0; start < records.length; start += RECORDS_A_CALL) {
      const some = records.slice(start, start + RECORDS_A_CALL);
      const isLast = start + RECORDS_A_CALL >= records.length;
      const to = isLast ? nextOffset : some.at(-1)!.offset + 1n;
      const decoded = <T>(decode: (bytes: Buffer) => T): { event: T; bytes: Buffer }[] =>
        some.flatMap(({ value, offset }) => {
          try {
            const bytes = value ?? Buffer.alloc(0);
            return [{ event: decode(bytes), bytes }];
          } catch (error) {
            logger.error(
              { topic, partition, offset: offset.toString(), err: error },
              'record does not decode',
            );
            metrics.undecodable.inc({ topic });
            return [];
          }
        });
      const at = { topic, partition, from: null, to };
      if (topic === config.TOPIC_DESCRIPTORS)
        yield { ...at, kind: 'scan', events: decoded(decodeDescriptors) };
      else
        yield {
          ...at,
          kind: 'dead-letter',
          deadLetters: decoded(decodeDeadLetter).map(({ event }) => event),
        };
    }
  }

  function count(part: ProjectionBatch): void {
    metrics.records.inc(
      { topic: part.topic },
      part.kind === 'scan' ? part.events.length : part.deadLetters.length,
    );
    if (part.kind !== 'scan') return;
    for (const { event } of part.events) {
      metrics.latency.observe((clock.nowMs() - event.times.publishedAt / 1000) / 1000);
    }
  }

  /** Repeats `call` until Redis answers; undefined when `signal` aborts. An outage delays the projection and loses nothing. */
  async function untilRedisAnswers<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    for (let waitMs = 50; !signal.aborted; waitMs = Math.min(1000, waitMs * 2)) {
      try {
        const answer = await call();
        if (redisFailure !== null) logger.info('Redis answers again');
        redisFailure = null;
        return answer;
      } catch (error) {
        const message = (error as Error).message;
        if (redisFailure === null) logger.warn({ err: error }, 'Redis does not answer; waiting for it');
        redisFailure = message;
        metrics.redisFailures.inc();
        await clock.sleep(waitMs, signal);
      }
    }
    return undefined;
  }

  /** On an idle topic nobody else would notice that Redis was emptied. */
  async function checkPositions(): Promise<void> {
    for (const at of reader.assigned()) {
      if (writing.has(name(at))) continue;
      const before = held.get(name(at));
      const position = await redis.position(at.topic, at.partition);
      const moved = before !== undefined && position !== before && held.get(name(at)) === before;
      if (moved && !writing.has(name(at))) await restart(at, position);
    }
  }

  const lagReader = await groupLagReader(kafka, config.KAFKA_GROUP, config.TOPIC_SCANS);
  async function report(): Promise<void> {
    const lag: GroupLag | null = await lagReader.read().catch(() => null);
    const assigned = new Set(reader.assigned().map(name));
    const projectionLag = [...lags].reduce(
      (sum, [partition, n]) => sum + (assigned.has(partition) ? n : 0),
      0,
    );
    metrics.lag.set(projectionLag);
    await redis.report(instance, {
      at: Math.round(clock.nowMs()),
      projectionLag,
      scansWaiting: lag?.waiting ?? null,
      scansIn: lag?.written ?? null,
    });
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await checkPositions();
        await report();
      } catch (error) {
        logger.debug({ err: error }, 'check');
      }
      await clock.sleep(CHECK_EVERY_MS, ending.signal);
    }
  }

  const state = () => ({ redis: redisFailure ?? 'ok', partitions: reader.assigned().map(name) });
  const telemetry = await serveTelemetry({
    host: config.HOST,
    port: config.PORT,
    registry: metrics.registry,
    healthy: () => ({ ok: true, detail: state() }), // a restart mends neither Redis nor Kafka
    ready: () => ({ ok: redisFailure === null && reader.assigned().length > 0, detail: state() }),
  });
  logger.info({ url: telemetry.url }, 'health and metrics');
  await reader.start();
  const watching = watch();
  logger.info({ brokers: config.KAFKA_BROKERS, redis: new URL(config.REDIS_URL).host }, 'viewing');
  return {
    async close() {
      ending.abort();
      await reader.close();
      await watching;
      await lagReader.close();
      redis.close();
      await telemetry.close();
    },
  };
}

function projectionMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    records: new Counter({
      name: 'xanes_projection_records_total',
      help: 'Records written to Redis, again after a rebuild',
      labelNames: ['topic'],
      registers,
    }),
    undecodable: new Counter({
      name: 'xanes_projection_undecodable_total',
      help: 'Records that did not decode and were passed over',
      labelNames: ['topic'],
      registers,
    }),
    restarts: new Counter({
      name: 'xanes_projection_restarts_total',
      help: 'Times that a partition was read again from where Redis stood, such as after FLUSHALL',
      registers,
    }),
    redisFailures: new Counter({
      name: 'xanes_projection_redis_failures_total',
      help: 'Calls to Redis that failed and were repeated',
      registers,
    }),
    lag: new Gauge({
      name: 'xanes_projection_lag_records',
      help: 'Committed records behind the projection',
      registers,
    }),
    latency: new Histogram({
      name: 'xanes_projection_latency_seconds',
      help: 'From the publishing of descriptors to Redis',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
      registers,
    }),
  };
}
