import { openBundle } from './bundle.ts';
import { checkAccess } from './check-access.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { groupActivity } from './consumers/group-activity.ts';
import { kafkaClient } from './consumers/kafka-client.ts';
import { reachBroker } from './consumers/reach-broker.ts';
import { scanSource } from './consumers/scan-source.ts';
import { makeGate } from './gating/gate.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { loadModel } from './model/load-model.ts';
import { type PipelineParts, pipeline } from './pipeline.ts';
import { outcomePublisher } from './producers/outcome-publisher.ts';
import type { Service } from './run-service.ts';
import { serveHealth } from './serve-health.ts';
import { makePrepare } from './spectra/prepare.ts';
import { createLogger, createMetrics } from './telemetry.ts';
import { decodeScan } from './wire/scan-codec.ts';

/** What tests change; the defaults are what runs. */
export type ProcessorOptions = {
  /** Puts other parts in: fault tests slow a part down, or break a rule on purpose. */
  readonly adapt?: (parts: PipelineParts) => PipelineParts;
  /** How long nothing may succeed before the processor says that it is not ready. */
  readonly readyWithinMs?: number;
  /** How soon partitions are seen that were added. */
  readonly metadataMaxAgeMs?: number;
};

/** Builds one processor from its configuration and starts it: the only place that sees all the rooms' parts. */
export async function processor(
  config: Config,
  clock: Clock,
  onFatal: (error: Error) => void,
  options: ProcessorOptions = {},
): Promise<Service> {
  const { adapt = (parts) => parts, readyWithinMs = 30_000, metadataMaxAgeMs = 15_000 } = options;
  const logger = createLogger('processor', config.LOG_LEVEL);
  const metrics = createMetrics();
  // First of all, so that whoever asks is told what the start waits for.
  const health = await serveHealth({
    host: config.HOST,
    port: config.PORT,
    registry: metrics.registry,
    logger,
  });

  health.starting('the model is loading');
  const bundle = openBundle(config.MODEL_DIR);
  const model = await loadModel(bundle, { engine: config.MODEL_ENGINE });
  logger.info({ model: model.identity }, 'model loaded');

  health.starting('no broker has answered yet');
  const settings = kafkaSettings(config, logger);
  const { TOPIC_SCANS, TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS } = config;
  await reachBroker(settings, [TOPIC_SCANS, TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS]);
  await checkAccess(settings, { groupId: config.KAFKA_GROUP, scansTopic: TOPIC_SCANS });

  const kafka = kafkaClient(settings);
  const names = { groupId: config.KAFKA_GROUP, nowMs: clock.nowMs };
  const activity = groupActivity(clock.nowMs, readyWithinMs);
  const parts = adapt({
    source: scanSource({
      ...names,
      kafka,
      topic: TOPIC_SCANS,
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
      maxBytesPerPartition: config.KAFKA_FETCH_BYTES,
      metadataMaxAgeMs,
      activity,
      sleep: clock.sleep,
    }),
    decode: decodeScan,
    prepare: makePrepare(bundle.manifest),
    model,
    batching: { maxSize: config.BATCH_MAX_SIZE, maxWaitMs: config.BATCH_MAX_WAIT_MS },
    gate: makeGate(bundle.gate),
    publisher: outcomePublisher({
      ...names,
      kafka,
      scansTopic: TOPIC_SCANS,
      descriptorsTopic: TOPIC_DESCRIPTORS,
      deadLettersTopic: TOPIC_DEAD_LETTERS,
    }),
    activity,
    clock,
    metrics,
    logger,
    onFatal,
  });
  const flow = pipeline(parts);
  health.started(flow);
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, group: config.KAFKA_GROUP, topic: TOPIC_SCANS }, 'processing');
  return {
    async close() {
      await flow.close();
      await model.close();
      await health.close();
    },
  };
}
