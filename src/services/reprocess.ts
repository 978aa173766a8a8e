import type { Clock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { earlier, later } from '../common/offsets.ts';
import { sha256 } from '../common/sha256.ts';
import { brokerRequests } from '../consumers/broker-requests.ts';
import { committedOffsets } from '../consumers/committed-offsets.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { type PartitionFetcher, partitionFetcher } from '../consumers/partition-fetcher.ts';
import { type OffsetRange, rangeSource } from '../consumers/range-source.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { type RecordedScans, recordedScans } from '../flows/recorded-scans.ts';
import { type Selection, selects } from '../flows/selection.ts';
import { registryOf } from '../knowledge/follow-schemas.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject } from '../messages/reject.ts';
import type { PipelineParts } from '../pipeline.ts';
import { createFlowTopics } from '../producers/create-topics.ts';
import type { OutcomePublisher } from '../producers/outcome-publisher.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { createLogger } from '../runtime/telemetry.ts';
import { processor } from './processor.ts';
import { checkReprocessTopic, HEADER_REPROCESS, partitionsOf, reprocessTopics } from './reprocess-topics.ts';

export type ReprocessOptions = {
  /** Of the model that judges now: its folder, and the hash of its bundle. */
  readonly modelDir: string;
  readonly modelHash: string;
  /** Topic of the events. */
  readonly to: string;
  readonly selection: Selection;
  /** By partition; `until` null: up to where it ends now. None: all partitions whole. */
  readonly offsets: readonly (Omit<OffsetRange, 'until'> & { readonly until: bigint | null })[];
  readonly onProgress: (progress: { readonly done: number; readonly all: number }) => void;
  /** For tests: puts other parts in. */
  readonly adapt?: (parts: PipelineParts) => PipelineParts;
};

export type Reprocessed = { readonly descriptors: number; readonly deadLetters: number };

const PROGRESS_EVERY_MS = 200;

/**
 * Judges a past range of the scans topic with another model, into topics of its own: the processor's own flow, with a
 * group, transactional ids and references of its own, so that the live one is not touched. Exactly once; what was
 * killed goes on where it was. Comes back when the range is done, or `signal` says to stop; returns what was committed.
 * @throws FatalError where it may not write there, or the topic holds something else
 */
export async function reprocess(
  config: Config,
  clock: Clock,
  options: ReprocessOptions,
  signal: AbortSignal,
): Promise<Reprocessed> {
  const { to, selection, onProgress, adapt = (parts) => parts } = options;
  const topics = reprocessTopics(config, to);
  const logger = createLogger('reprocess', config.LOG_LEVEL);
  const settings = kafkaSettings(config, logger);
  await reachBroker(settings, [config.TOPIC_SCANS, config.TOPIC_STANDARDS], { withinMs: 5000 });
  const kafka = kafkaClient(settings);
  const fetcher = partitionFetcher(kafka, clock.nowMs);
  const requests = brokerRequests(kafka);
  const committed = await committedOffsets(kafka, config.TOPIC_SCANS);
  const recorded = recordedScans({
    ...{ registry: registryOf(config), waitMs: config.SCHEMA_REGISTRY_WAIT_MS, clock, logger },
  });
  try {
    const topicId = (await requests.topicId(config.TOPIC_SCANS))!;
    // Two that differ in any of this would mix in one topic.
    const job = sha256(Buffer.from(jobText(topicId, config.LEAST_TRUST, options))).slice(0, 16);
    const outputs = [topics.TOPIC_DESCRIPTORS, topics.TOPIC_DEAD_LETTERS];
    await checkReprocessTopic(fetcher, outputs, job);
    const { length } = await partitionsOf(fetcher, config.TOPIC_DESCRIPTORS);
    await createFlowTopics(kafka, { ...config, ...topics }, length || config.TOPIC_PARTITIONS);
    // A topic that was deleted and made anew is another one: what was committed for it counts no more.
    const groupId = `${config.KAFKA_GROUP}-reprocess-${to}-${(await requests.topicId(to))!.slice(0, 8)}`;
    const source = rangeSource({
      ...{ kafka, fetcher, committed, topicId, groupId, sleep: clock.sleep },
      topic: config.TOPIC_SCANS,
      ranges: await rangesOf(fetcher, config.TOPIC_SCANS, options.offsets),
      keep: (records) => selected(records, selection, recorded),
    });
    const count = { descriptors: 0, deadLetters: 0 };
    let fail: (because: Error) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    failed.catch(() => {}); // also where it fails before anybody waits for it
    const service = await processor(
      {
        ...{ ...config, ...topics, KAFKA_GROUP: groupId, PORT: 0 },
        // This model to the end, whatever the live processors are told meanwhile.
        ...{ MODEL_DIR: options.modelDir, MODEL: undefined, MODEL_FILE: undefined },
      },
      clock,
      { onFatal: fail, uninterrupted: (work) => work }, // a stop waits for the whole start
      {
        headers: { [HEADER_REPROCESS]: job },
        adapt: (parts) =>
          adapt({ ...parts, source, publisher: counted(parts.publisher, count, parts.onFatal) }),
      },
    );
    const shown = setInterval(() => onProgress(source.progress()), PROGRESS_EVERY_MS);
    try {
      await Promise.race([source.finished(), failed]);
    } finally {
      clearInterval(shown);
      await service.close();
    }
    return count;
  } finally {
    recorded.close();
    await Promise.all([fetcher.close(), requests.close(), committed.close()]);
  }
}

/** Marks that were made before LEAST_TRUST there was hold for those without one. */
const jobText = (
  topicId: string,
  leastTrust: number,
  { modelHash, selection, offsets }: ReprocessOptions,
): string =>
  JSON.stringify([
    topicId,
    modelHash,
    selection,
    offsets.map(({ partition, from, until }) => `${partition}:${from}-${until}`),
    ...(leastTrust === 0 ? [] : [leastTrust]),
  ]);

async function rangesOf(
  fetcher: PartitionFetcher,
  topic: string,
  wanted: ReprocessOptions['offsets'],
): Promise<readonly OffsetRange[]> {
  const partitions = await fetcher.partitions(topic);
  const twice = wanted.find(
    ({ partition }, i) => wanted.findIndex((each) => each.partition === partition) < i,
  );
  if (twice !== undefined)
    throw new FatalError(`Expected --offsets once for a partition, got partition ${twice.partition} twice`);
  const unknown = wanted.find(({ partition }) => !partitions.includes(partition));
  if (unknown !== undefined)
    throw new FatalError(
      `Expected --offsets of partitions ${partitions.join(', ')}, got ${unknown.partition}`,
    );
  const all = partitions.map((partition) => ({ partition, from: 0n, until: null }));
  return Promise.all(
    (wanted.length > 0 ? wanted : all).map(async ({ partition, from, until }) => {
      const [first, end] = await Promise.all([
        fetcher.first(topic, partition),
        fetcher.end(topic, partition),
      ]);
      const stop = until === null ? end : earlier(until, end);
      return { partition, from: earlier(later(from, first), stop), until: stop };
    }),
  );
}

/**
 * Records with a scan that is selected; of several scans in one all are judged again, since their outcomes are one.
 * Without a selection all records are, also those that are no scans.
 */
async function selected(
  records: readonly SourceRecord[],
  selection: Selection,
  recorded: RecordedScans,
): Promise<readonly SourceRecord[]> {
  if (Object.keys(selection).length === 0) return records;
  const scans = await recorded.of(records);
  return records.filter((_, i) => {
    const own = scans[i]!;
    return !isReject(own) && own.some((scan) => selects(selection, scan, scan.endedAtMs));
  });
}

/** Counts what is published; who is shut out ends, since the other does the same work. */
function counted(
  publisher: OutcomePublisher,
  count: { descriptors: number; deadLetters: number },
  onFatal: (error: Error) => void,
): OutcomePublisher {
  return {
    ...publisher,
    async commit(partition, outcomes, ...rest) {
      const published = await publisher.commit(partition, outcomes, ...rest);
      if (published === 'fenced')
        onFatal(new FatalError('Expected to do this alone, and another process has taken it over'));
      else
        for (const { kind } of published) {
          if (kind === 'descriptors') count.descriptors += 1;
          else count.deadLetters += 1;
        }
      return published;
    },
  };
}
