import type { Clock } from '../common/clock.ts';
import { groupActivity } from '../consumers/group-activity.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { type PartitionFetcher, partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { scanSource } from '../consumers/scan-source.ts';
import { type JobParts, type JobStep, jobFlow } from '../flows/job-flow.ts';
import type { JobMetrics } from '../flows/job-metrics.ts';
import { keyedStates, type StateCodec } from '../flows/keyed-states.ts';
import { jobPublisher } from '../producers/job-publisher.ts';
import { checkAccess } from '../runtime/check-access.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { serveHealth } from '../runtime/serve-health.ts';
import { createLogger } from '../runtime/telemetry.ts';

/** How long nothing may succeed before a job says that it is not ready. */
const READY_WITHIN_MS = 30_000;
const METADATA_MAX_AGE_MS = 15_000;
/** Keys of a partition whose states are held: some kilobytes each. */
const MOST_STATES = 5_000;

export type Job<State> = {
  /** Of the program; behind KAFKA_GROUP, of its group. */
  readonly name: string;
  readonly metrics: JobMetrics;
  /** The topic of its states, with as many partitions as the descriptors topic. */
  readonly statesTopic: string;
  readonly codec: StateCodec<State>;
  /** Topics that it publishes to beside that. */
  readonly topics: readonly string[];
  readonly step: (fetcher: PartitionFetcher) => JobStep<State>;
};

/**
 * Builds a stream job over the descriptors topic from its configuration and starts it.
 * @param adapt puts other parts in: fault tests slow a part down, or break a rule on purpose
 */
export async function startJob<State>(
  { name, metrics, statesTopic, codec, topics, step }: Job<State>,
  config: Config,
  clock: Clock,
  { onFatal }: Runner,
  adapt: (parts: JobParts<State>) => JobParts<State> = (parts) => parts,
): Promise<Service> {
  const logger = createLogger(name, config.LOG_LEVEL);
  const { HOST: host, PORT: port, TOPIC_DESCRIPTORS: topic } = config;
  const health = await serveHealth({ host, port, registry: metrics.registry, logger });

  health.starting('no broker has answered yet');
  const settings = kafkaSettings(config, logger);
  const groupId = `${config.KAFKA_GROUP}-${name}`;
  const written = [...topics, statesTopic];
  await reachBroker(settings, [topic, ...written]);
  await checkAccess(settings, { groupId, scansTopic: topic });

  /** Of the client that publishes: set when the flow is there. */
  let onConnectionLost = () => {};
  const kafka = kafkaClient(settings);
  const activity = groupActivity(clock.nowMs, READY_WITHIN_MS);
  const fetcher = partitionFetcher(kafka, clock.nowMs);
  const flow = jobFlow(
    adapt({
      source: scanSource({
        ...{ kafka, groupId, topic, activity, nowMs: clock.nowMs, sleep: clock.sleep },
        sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
        maxBytesPerPartition: config.KAFKA_FETCH_BYTES,
        metadataMaxAgeMs: METADATA_MAX_AGE_MS,
      }),
      states: keyedStates({ ...{ fetcher, topic: statesTopic, codec, most: MOST_STATES }, ...clock }),
      step: step(fetcher),
      publisher: jobPublisher({
        kafka: kafkaClient(settings, { onConnectionLost: () => onConnectionLost() }),
        ...{ groupId, sourceTopic: topic, topics: written, nowMs: clock.nowMs },
      }),
      ...{ activity, clock, metrics, logger, onFatal },
    }),
  );
  onConnectionLost = flow.connectionLost;
  health.started(flow);
  await flow.start();
  logger.info({ brokers: config.KAFKA_BROKERS, group: groupId, topic }, 'working');
  return {
    async close() {
      await flow.close();
      await fetcher.close();
      await health.close();
    },
  };
}
