import { hostname } from 'node:os';
import type { Clock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { committedReader } from '../consumers/committed-reader.ts';
import { groupActivity } from '../consumers/group-activity.ts';
import { groupLagReader } from '../consumers/group-lag.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { projectionFlow } from '../flows/projection-flow.ts';
import { createProjectionMetrics } from '../flows/projection-metrics.ts';
import { projectionRecords } from '../flows/projection-records.ts';
import { patience } from '../producers/patience.ts';
import { type ProjectedKind, redisProjection } from '../producers/redis-projection.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { redisSettings } from '../runtime/redis-settings.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { serveHealth } from '../runtime/serve-health.ts';
import { createLogger } from '../runtime/telemetry.ts';

const CHECK_EVERY_MS = 1000;
/** How long nothing may be fetched before the projection says that it is not ready. */
const READY_WITHIN_MS = 30_000;

/** Builds one projection of the committed topics into Redis from its configuration and starts it. */
export async function projection(config: Config, clock: Clock, { onFatal }: Runner): Promise<Service> {
  const logger = createLogger('projection', config.LOG_LEVEL);
  const kinds = new Map<string, ProjectedKind>([
    [config.TOPIC_DESCRIPTORS, 'scan'],
    [config.TOPIC_DEAD_LETTERS, 'dead-letter'],
    [config.TOPIC_RUNS, 'run'],
    [config.TOPIC_CHANGES, 'change'],
    [config.TOPIC_ANNOTATIONS, 'annotation'],
    [config.TOPIC_REQUESTS, 'request'],
    [config.TOPIC_ACKNOWLEDGEMENTS, 'acknowledgement'],
    [config.TOPIC_ACCUMULATIONS, 'accumulation'],
  ]);
  const metrics = createProjectionMetrics([...kinds.keys()]);
  // First of all, so that whoever asks is told what the start waits for.
  const health = await serveHealth({
    host: config.HOST,
    port: config.PORT,
    registry: metrics.registry,
    logger,
  });
  /** Why there is no connection to Redis: calls say only that there is none. */
  let noConnection: string | null = null;
  const redis = redisProjection({
    redis: redisSettings(config),
    prefix: config.REDIS_PREFIX,
    nowMs: clock.nowMs,
    onRedisError(error) {
      // The message alone: the error of a login that was refused has the password in it.
      noConnection = error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
      logger.debug({ because: noConnection }, 'redis');
    },
  });
  health.starting('no broker has answered yet');
  const settings = kafkaSettings(config, logger);
  // Without these three it does not start; without another it shows what there is.
  const existing = await reachBroker(settings, [
    ...[config.TOPIC_DESCRIPTORS, config.TOPIC_DEAD_LETTERS, config.TOPIC_RUNS],
  ]);
  const topics = [...kinds.keys()].filter((topic) => existing.has(topic));
  for (const topic of kinds.keys()) {
    if (!existing.has(topic))
      logger.warn(
        { topic },
        'is not there, so that nothing of it is shown: npm run topics, then start this anew',
      );
  }
  const kafka = kafkaClient(settings);
  const activity = groupActivity(clock.nowMs, READY_WITHIN_MS);
  /** An outage of Redis delays the projection and loses nothing. */
  const { untilAnswered, failure } = patience({
    sleep: clock.sleep,
    onFailure(error, isFirst) {
      metrics.redisFailures.inc();
      const because = noConnection ?? (error instanceof Error ? error.message : String(error));
      if (isFirst) logger.warn({ because }, 'Redis does not answer; waiting for it');
    },
    onRecovery() {
      noConnection = null;
      logger.info('Redis answers again');
    },
  });

  const flow = projectionFlow({
    makeReader: (handlers) =>
      committedReader({
        ...handlers,
        kafka,
        groupId: `${config.KAFKA_GROUP}-projection`,
        topics,
        activity,
        nowMs: clock.nowMs,
        onWarning: (message, error) => logger.warn({ err: error }, message),
        onCrash: onFatal,
      }),
    decode(batch) {
      const { topic, partition } = batch;
      return projectionRecords(batch, kinds.get(topic)!, (offset, error) => {
        logger.error({ topic, partition, offset: String(offset), err: error }, 'record does not decode');
        metrics.undecodable.inc({ topic });
      });
    },
    redis,
    untilAnswered,
    nowMs: clock.nowMs,
    metrics,
    logger,
  });

  const instance = `${hostname()}:${process.pid}`;
  const groupLag = await groupLagReader(kafka, config.KAFKA_GROUP, config.TOPIC_SCANS);
  async function report(): Promise<void> {
    const scans = await groupLag.read().catch(() => null);
    const projectionLag = flow.lag();
    metrics.lag.set(projectionLag);
    await redis.report(instance, {
      projectionLag,
      scansWaiting: scans?.waiting ?? null,
      scansIn: scans?.written ?? null,
    });
  }

  const ending = new AbortController();
  let redisAnswered = false;
  async function checkAndReport(): Promise<void> {
    const policy = await untilAnswered(redis.evictionPolicy, ending.signal);
    if (policy?.startsWith('allkeys-')) {
      onFatal(
        new FatalError(
          `Expected maxmemory-policy of Redis to be noeviction, got ${policy}: it drops parts of the projection ` +
            'without a word. CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
        ),
      );
      return;
    }
    while (!ending.signal.aborted) {
      await flow.checkPositions().catch((error) => logger.debug({ err: error }, 'check'));
      await untilAnswered(report, ending.signal);
      redisAnswered = true;
      await clock.sleep(CHECK_EVERY_MS, ending.signal);
    }
  }

  const state = () => ({ redis: failure() ?? 'ok', partitions: flow.partitions() });
  health.started({
    healthy: () => ({ ok: true, detail: state() }), // a restart mends neither Redis nor Kafka
    ready() {
      if (failure() !== null || !redisAnswered) {
        return {
          ok: false,
          detail: {
            reason: `Redis does not answer: ${noConnection ?? failure() ?? 'not asked yet'}`,
            ...state(),
          },
        };
      }
      const group = activity.readiness();
      return { ok: group.ok, detail: { ...group.detail, ...state() } };
    },
  });
  const checking = checkAndReport();
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, redis: new URL(config.REDIS_URL).host }, 'projecting');
  return {
    async close() {
      ending.abort();
      await flow.close();
      await checking;
      await groupLag.close();
      redis.close();
      await health.close();
    },
  };
}
