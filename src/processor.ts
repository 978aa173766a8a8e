import { availableParallelism } from 'node:os';
import type { Knowledge } from './chain-knowledge.ts';
import { checkAccess } from './check-access.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { groupActivity } from './consumers/group-activity.ts';
import { kafkaClient } from './consumers/kafka-client.ts';
import { partitionFetcher } from './consumers/partition-fetcher.ts';
import { reachBroker } from './consumers/reach-broker.ts';
import { scanSource } from './consumers/scan-source.ts';
import { followSchemas, registerSchemas, registryOf } from './follow-schemas.ts';
import { followStandards } from './follow-standards.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { openChain } from './open-chain.ts';
import { partitionReferences } from './partition-references.ts';
import { type Compute, type PipelineParts, pipeline } from './pipeline.ts';
import { outcomePublisher } from './producers/outcome-publisher.ts';
import { readReferences } from './read-references.ts';
import type { Service } from './run-service.ts';
import { serveHealth } from './serve-health.ts';
import { createLogger, createMetrics, type Logger, type Metrics } from './telemetry.ts';
import { BATCHES_PER_THREAD, type ThreadPoolOptions, threadPool } from './thread-pool.ts';

/** What tests change; the defaults are what runs. */
export type ProcessorOptions = {
  /** Puts other parts in: fault tests slow a part down, or break a rule on purpose. */
  readonly adapt?: (parts: PipelineParts) => PipelineParts;
  /** Headers of every event and dead letter beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
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
  let known = (): readonly Knowledge[] => [];
  const compute = await startCompute(config, clock, logger, {
    known: () => known(),
    onUnreadable: unreadableStandards(logger, metrics),
  });
  logger.info({ model: compute.identity, workers: compute.threads }, 'model loaded');

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
    onChange: (change) => parts.compute.learn(change),
    onFailure: () => metrics.registryFailures.inc(),
  });

  /** Of the client that publishes: set when the parts are there. */
  let onConnectionLost = () => {};
  const kafka = kafkaClient(settings);
  const names = { groupId: config.KAFKA_GROUP, nowMs: clock.nowMs };
  const activity = groupActivity(clock.nowMs, readyWithinMs);
  const fetcher = partitionFetcher(kafka, clock.nowMs);
  const references = partitionReferences({
    modelHash: compute.identity.hash,
    readBack: (partition) => readReferences(fetcher, TOPIC_RUN_REFERENCES, partition, clock),
    tell: (knowledge) => parts.compute.learn(knowledge),
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
    }),
    compute,
    batching: {
      maxSize: config.BATCH_MAX_SIZE,
      maxWaitMs: config.BATCH_MAX_WAIT_MS,
      atOnce: Math.max(1, compute.threads * BATCHES_PER_THREAD),
    },
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
      parts.compute.learn(change);
      for (const known of ['foil', 'mean-oxidation-state'] as const)
        metrics.standards.set({ known }, standards.count(known));
    },
  });
  known = () => [...standards.told(), ...schemas.told(), ...references.told()];
  await standards.whole();
  const flow = pipeline(parts);
  health.started(flow);
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, group: config.KAFKA_GROUP, topic: TOPIC_SCANS }, 'processing');
  return {
    async close() {
      schemas.close();
      await flow.close();
      await Promise.all([standards.close(), fetcher.close(), compute.close()]);
      await health.close();
    },
  };
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

/** In this thread, or on as many others as WORKERS says. */
async function startCompute(
  config: Config,
  clock: Clock,
  logger: Logger,
  told: Required<Pick<ThreadPoolOptions, 'known' | 'onUnreadable'>>,
): Promise<Compute & { readonly threads: number; close(): Promise<void> }> {
  const cores = availableParallelism();
  const threads = config.WORKERS ?? cores - 1;
  const settings = {
    modelDir: config.MODEL_DIR,
    engine: config.MODEL_ENGINE,
    engineThreads: Math.max(1, Math.min(4, threads === 0 ? cores : Math.floor((cores - 1) / threads))),
    maxBatch: config.BATCH_MAX_SIZE,
    hasRegistry: config.SCHEMA_REGISTRY_URL !== undefined,
  };
  const onBug = (stage: string, error: unknown) =>
    logger.error({ stage, err: error }, 'a stage failed on a scan');
  if (threads === 0) return { ...(await openChain(settings, clock.nowMs, onBug, told)), threads };
  const onDeath = (error: Error) =>
    logger.error({ err: error }, 'a worker thread died; another computes its batches again');
  const pool = await threadPool({ threads, settings, onBug, onDeath, ...told });
  return { ...pool, warmUp: async () => {} }; // its threads are warm when they are ready
}
