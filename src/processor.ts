import { openBundle } from './bundle.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { kafkaClient } from './consumers/kafka-client.ts';
import { reachBroker } from './consumers/reach-broker.ts';
import { scanSource } from './consumers/scan-source.ts';
import { makeGate } from './gating/gate.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { loadModel } from './model/load-model.ts';
import { type PipelineParts, pipeline } from './pipeline.ts';
import { outcomePublisher } from './producers/outcome-publisher.ts';
import type { Service } from './run-service.ts';
import { makePrepare } from './spectra/prepare.ts';
import { createLogger, createMetrics, serveTelemetry } from './telemetry.ts';
import { decodeScan } from './wire/scan-codec.ts';

/**
 * Builds one processor from its configuration and starts it: the only place that sees all the rooms' parts.
 * `adapt` may put other parts in; the fault tests use it to slow a part down or to break a rule on purpose.
 */
export async function processor(
  config: Config,
  clock: Clock,
  onFatal: (error: Error) => void,
  adapt: (parts: PipelineParts) => PipelineParts = (parts) => parts,
): Promise<Service> {
  const logger = createLogger('processor', config.LOG_LEVEL);
  const metrics = createMetrics();
  const bundle = openBundle(config.MODEL_DIR);
  const model = await loadModel(bundle, { engine: config.MODEL_ENGINE });
  logger.info({ model: model.identity }, 'model loaded');

  const settings = kafkaSettings(config, logger);
  await reachBroker(settings, [config.TOPIC_SCANS, config.TOPIC_DESCRIPTORS, config.TOPIC_DEAD_LETTERS]);
  const kafka = kafkaClient(settings);
  const names = { groupId: config.KAFKA_GROUP, nowMs: clock.nowMs };
  const flow = pipeline(
    adapt({
      source: scanSource({
        ...names,
        kafka,
        topic: config.TOPIC_SCANS,
        sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
        maxBytesPerPartition: config.KAFKA_FETCH_BYTES,
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
        scansTopic: config.TOPIC_SCANS,
        descriptorsTopic: config.TOPIC_DESCRIPTORS,
        deadLettersTopic: config.TOPIC_DEAD_LETTERS,
      }),
      clock,
      metrics,
      logger,
      onFatal,
    }),
  );
  const telemetry = await serveTelemetry({
    host: config.HOST,
    port: config.PORT,
    registry: metrics.registry,
    healthy: flow.healthy,
    ready: flow.ready,
  });
  logger.info({ url: telemetry.url }, 'health and metrics');
  await flow.start();
  logger.info(
    { brokers: config.KAFKA_BROKERS, group: config.KAFKA_GROUP, topic: config.TOPIC_SCANS },
    'processing',
  );
  return {
    async close() {
      await flow.close();
      await model.close();
      await telemetry.close();
    },
  };
}
