import { type BlueskyMapping, readMapping } from '../bluesky/mapping.ts';
import { openBundle } from '../bundle/bundle.ts';
import { findModel } from '../bundle/find-model.ts';
import type { Clock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { allToOne } from '../consumers/all-to-one.ts';
import { committedOffsets } from '../consumers/committed-offsets.ts';
import { groupActivity } from '../consumers/group-activity.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { scanSource } from '../consumers/scan-source.ts';
import { type BlueskyParts, blueskyFlow, openGroupOf } from '../flows/bluesky-flow.ts';
import { createBlueskyMetrics } from '../flows/bluesky-metrics.ts';
import { registerSchemas, registryOf } from '../knowledge/follow-schemas.ts';
import { scanPublisher } from '../producers/scan-publisher.ts';
import { checkAccess } from '../runtime/check-access.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { serveHealth } from '../runtime/serve-health.ts';
import { createLogger } from '../runtime/telemetry.ts';
import { makeLeastRange } from '../spectra/least-range.ts';

/** How long nothing may succeed before the service says that it is not ready. */
const READY_WITHIN_MS = 30_000;
const METADATA_MAX_AGE_MS = 15_000;

/**
 * Builds the service that turns Bluesky documents into scans from its configuration and starts it.
 * @param adapt puts other parts in: fault tests break a rule on purpose
 */
export async function bluesky(
  config: Config,
  clock: Clock,
  { onFatal }: Runner,
  adapt: (parts: BlueskyParts) => BlueskyParts = (parts) => parts,
): Promise<Service> {
  const mapping = mappingOf(config);
  const logger = createLogger('bluesky', config.LOG_LEVEL);
  const metrics = createBlueskyMetrics();
  const { HOST: host, PORT: port } = config;
  const health = await serveHealth({ host, port, registry: metrics.registry, logger });

  health.starting('no broker has answered yet');
  const settings = kafkaSettings(config, logger);
  const { TOPIC_BLUESKY, TOPIC_SCANS, TOPIC_DEAD_LETTERS, TOPIC_RUNS } = config;
  const groupId = `${config.KAFKA_GROUP}-bluesky`;
  await reachBroker(settings, [TOPIC_BLUESKY, TOPIC_SCANS, TOPIC_DEAD_LETTERS, TOPIC_RUNS]);
  await checkAccess(settings, { groupId, scansTopic: TOPIC_BLUESKY });

  health.starting('the schema registry has not answered yet');
  const schemaIds = await registerSchemas(registryOf(config), config, clock);

  /** Of the client that publishes: set when the flow is there. */
  let onConnectionLost = () => {};
  const kafka = kafkaClient(settings);
  const activity = groupActivity(clock.nowMs, READY_WITHIN_MS);
  const offsets = await committedOffsets(kafka, TOPIC_BLUESKY);
  const fetcher = partitionFetcher(kafka, clock.nowMs);
  const parts: BlueskyParts = {
    source: scanSource({
      kafka,
      groupId,
      topic: TOPIC_BLUESKY,
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
      maxBytesPerPartition: config.KAFKA_FETCH_BYTES,
      metadataMaxAgeMs: METADATA_MAX_AGE_MS,
      partitionAssigner: allToOne,
      activity,
      nowMs: clock.nowMs,
      sleep: clock.sleep,
    }),
    mapping,
    leastRange: mapping.previews > 0 ? await leastRangeOf(config) : undefined,
    publisher: scanPublisher({
      kafka: kafkaClient(settings, { onConnectionLost: () => onConnectionLost() }),
      transactionalId: `${groupId}-${TOPIC_BLUESKY}`,
      groupIds: [groupId, openGroupOf(groupId)],
      sourceTopic: TOPIC_BLUESKY,
      scansTopic: TOPIC_SCANS,
      deadLettersTopic: TOPIC_DEAD_LETTERS,
      runsTopic: TOPIC_RUNS,
      nowMs: clock.nowMs,
      schemaIds,
    }),
    committed: offsets.of,
    async isMore(partition, from) {
      try {
        return await fetcher.isMore(TOPIC_BLUESKY, partition, from);
      } catch (error) {
        logger.warn({ err: error, partition }, 'it is not known whether documents are left to be read');
        return true;
      }
    },
    ...{ groupId, activity, clock, metrics, logger, onFatal },
  };
  const flow = blueskyFlow(adapt(parts));
  onConnectionLost = flow.connectionLost;
  health.started(flow);
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, group: groupId, topic: TOPIC_BLUESKY }, 'assembling');
  return {
    async close() {
      await flow.close();
      await Promise.all([offsets.close(), fetcher.close()]);
      await health.close();
    },
  };
}

function mappingOf({ BLUESKY_MAPPING: file }: Config): BlueskyMapping {
  if (file !== undefined) return readMapping(file);
  throw new FatalError(
    'Expected BLUESKY_MAPPING to name a mapping of Bluesky documents, see docs/bluesky.md',
  );
}

/** Of the model that the processors take: what must be measured for it to judge. */
async function leastRangeOf(config: Config): Promise<ReturnType<typeof makeLeastRange>> {
  const { directory, hash } = await findModel(config);
  return makeLeastRange(openBundle(directory, { hash }).manifest);
}
