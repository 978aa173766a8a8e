import { type FoundModel, findModel, findNamed, readModelFile } from '../bundle/find-model.ts';
import type { Clock } from '../common/clock.ts';
import { groupActivity } from '../consumers/group-activity.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { scanSource } from '../consumers/scan-source.ts';
import { type MicroBatchPolicy, microBatch } from '../flows/micro-batch.ts';
import type { Knowledge } from '../knowledge/chain-knowledge.ts';
import { followSchemas, registerSchemas, registryOf } from '../knowledge/follow-schemas.ts';
import { followStandards } from '../knowledge/follow-standards.ts';
import { partitionReferences } from '../knowledge/partition-references.ts';
import { readReferences } from '../knowledge/read-references.ts';
import { type PipelineParts, pipeline } from '../pipeline.ts';
import { outcomePublisher } from '../producers/outcome-publisher.ts';
import { checkAccess } from '../runtime/check-access.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { serveHealth } from '../runtime/serve-health.ts';
import { createLogger, createMetrics, type Logger, type Metrics } from '../runtime/telemetry.ts';
import type { Compute } from '../threads/compute.ts';
import { followModel } from '../threads/follow-model.ts';
import { modelsInUse } from '../threads/models-in-use.ts';
import { openCompute } from '../threads/open-compute.ts';
import { BATCHES_PER_THREAD } from '../threads/thread-pool.ts';

/** What tests change; the defaults are what runs. */
export type ProcessorOptions = {
  /** Puts other parts in: fault tests slow a part down, or break a rule on purpose. */
  readonly adapt?: (parts: PipelineParts) => PipelineParts;
  /** Headers of every event and dead letter beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same of every model that is opened. */
  readonly adaptCompute?: (compute: Compute) => Compute;
  /** How long nothing may succeed before the processor says that it is not ready. */
  readonly readyWithinMs?: number;
  /** How soon partitions are seen that were added. */
  readonly metadataMaxAgeMs?: number;
};

/** Builds one processor from its configuration and starts it: the only place that sees all the rooms' parts. */
export async function processor(
  config: Config,
  clock: Clock,
  { onFatal, uninterrupted }: Runner,
  options: ProcessorOptions = {},
): Promise<Service> {
  const { adapt = (parts) => parts, adaptCompute = (compute) => compute } = options;
  const { readyWithinMs = 30_000, metadataMaxAgeMs = 15_000 } = options;
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
  let known = (_modelHash: string): readonly Knowledge[] => [];
  const open = async (model: FoundModel): Promise<Compute> =>
    adaptCompute(
      await openCompute(model, config, clock, logger, {
        known: () => known(model.hash),
        onUnreadable: unreadableStandards(logger, metrics),
      }),
    );
  const first = await uninterrupted(open(await findModel(config)));
  logger.info({ model: first.identity, workers: first.threads }, 'model loaded');
  const models = modelsInUse({
    first,
    batched: (run, { identity, threads }) => {
      metrics.model.reset();
      metrics.model.set(identity, 1);
      return microBatch(run, batchingOf(config, threads), clock, (size, waitedMs) => {
        metrics.batchSize.observe(size);
        metrics.batchWait.observe(waitedMs / 1000);
      });
    },
    onError: (error) => logger.warn({ err: error }, 'a model that is in use no more did not close'),
  });

  health.starting('no broker has answered yet');
  const settings = kafkaSettings(config, logger);
  const { TOPIC_SCANS, TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS, TOPIC_STANDARDS, TOPIC_RUN_REFERENCES } =
    config;
  await reachBroker(settings, [
    ...[TOPIC_SCANS, TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS],
    ...[TOPIC_STANDARDS, TOPIC_RUN_REFERENCES],
  ]);
  await checkAccess(settings, { groupId: config.KAFKA_GROUP, scansTopic: TOPIC_SCANS });

  health.starting('the schema registry has not answered yet');
  const registry = registryOf(config);
  const schemaIds = await registerSchemas(registry, config, clock);
  const schemas = followSchemas({
    ...{ registry, waitMs: config.SCHEMA_REGISTRY_WAIT_MS, clock, logger },
    onChange: models.learn,
    onFailure: () => metrics.registryFailures.inc(),
  });

  /** Of the client that publishes: set when the parts are there. */
  let onConnectionLost = () => {};
  const kafka = kafkaClient(settings);
  const names = { groupId: config.KAFKA_GROUP, nowMs: clock.nowMs };
  const activity = groupActivity(clock.nowMs, readyWithinMs);
  const fetcher = partitionFetcher(kafka, clock.nowMs);
  const references = partitionReferences({
    readBack: (partition) => readReferences(fetcher, TOPIC_RUN_REFERENCES, partition, clock),
  });
  const parts: PipelineParts = adapt({
    source: scanSource({
      ...names,
      kafka,
      topic: TOPIC_SCANS,
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
      maxBytesPerPartition: config.KAFKA_FETCH_BYTES,
      metadataMaxAgeMs,
      activity,
      sleep: clock.sleep,
      readAhead: true,
    }),
    models,
    publisher: outcomePublisher({
      ...names,
      kafka: kafkaClient(settings, { onConnectionLost: () => onConnectionLost() }),
      scansTopic: TOPIC_SCANS,
      descriptorsTopic: TOPIC_DESCRIPTORS,
      deadLettersTopic: TOPIC_DEAD_LETTERS,
      referencesTopic: TOPIC_RUN_REFERENCES,
      ...(options.headers && { headers: options.headers }),
      schemaIds,
    }),
    standards: { whole: () => standards.whole(), readiness: () => standards.readiness() },
    schemas,
    references,
    activity,
    clock,
    metrics,
    logger,
    onFatal,
  });
  onConnectionLost = () => {
    parts.publisher.connectionLost();
    parts.source.claimAgain();
  };
  health.starting('the standards are not read yet');
  const standards = followStandards({
    ...{ kafka, topic: TOPIC_STANDARDS, clock, logger, onCrash: onFatal },
    onRefused: (because) => metrics.refusedStandards.inc({ because }),
    onChange(change) {
      models.learn(change);
      for (const known of ['foil', 'mean-oxidation-state'] as const)
        metrics.standards.set({ known }, standards.count(known));
    },
  });
  known = (modelHash) => [...standards.told(), ...schemas.told(), ...references.told(modelHash)];
  await standards.whole();
  const flow = pipeline(parts);
  const { MODEL_FILE } = config;
  const following = MODEL_FILE
    ? followModel({
        ...{ clock, logger, metrics },
        wanted: () => readModelFile(MODEL_FILE),
        inUse: models.identity,
        async open(name) {
          const next = await open(await findNamed(name, config));
          await next.warmUp();
          return next;
        },
        use(next) {
          // Of standards and schemas that came while it was opened it has not heard.
          const told = [{ kind: 'no-standards' } as const, ...standards.told(), ...schemas.told()];
          for (const each of told) next.learn(each);
          models.swap(next);
        },
      })
    : null;
  health.started({
    healthy: flow.healthy,
    ready() {
      const { ok, detail } = flow.ready();
      const modelRefused = following?.refused();
      return { ok, detail: { ...detail, ...(modelRefused && { modelRefused }) } };
    },
  });
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, group: config.KAFKA_GROUP, topic: TOPIC_SCANS }, 'processing');
  return {
    async close() {
      schemas.close();
      await Promise.all([following?.close(), flow.close()]);
      await Promise.all([standards.close(), fetcher.close(), models.close()]);
      await health.close();
    },
  };
}

function batchingOf(config: Config, threads: number): MicroBatchPolicy {
  const { BATCH_MAX_SIZE: maxSize, BATCH_MAX_WAIT_MS: maxWaitMs } = config;
  return { maxSize, maxWaitMs, atOnce: Math.max(1, threads * BATCHES_PER_THREAD) };
}

/** Each standard that this model cannot read is told once, whichever threads say so. */
function unreadableStandards(logger: Logger, metrics: Metrics): (standardId: string, detail: string) => void {
  const told = new Set<string>();
  return (standardId, detail) => {
    if (told.has(standardId)) return;
    told.add(standardId);
    metrics.refusedStandards.inc({ because: 'unreadable' });
    logger.error({ standardId }, `a standard is left out, since the model cannot read it: ${detail}`);
  };
}
