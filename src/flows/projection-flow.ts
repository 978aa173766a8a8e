import type {
  CommittedBatch,
  CommittedReader,
  CommittedReaderOptions,
} from '../consumers/committed-reader.ts';
import type { Patience } from '../producers/patience.ts';
import type { ProjectionRecords, RedisProjection } from '../producers/redis-projection.ts';
import type { Logger } from '../runtime/telemetry.ts';
import type { ProjectionMetrics } from './projection-metrics.ts';

type Partition = { readonly topic: string; readonly partition: number };

export type ProjectionFlowParts = {
  /** Makes the reader of the committed topics; it asks where partitions begin, and hands over their batches. */
  readonly makeReader: (
    handlers: Required<Pick<CommittedReaderOptions, 'startAt' | 'onBatch'>>,
  ) => CommittedReader;
  readonly decode: (batch: CommittedBatch) => Iterable<ProjectionRecords>;
  readonly redis: Pick<RedisProjection, 'apply' | 'position'>;
  readonly untilAnswered: Patience['untilAnswered'];
  readonly nowMs: () => number;
  readonly metrics: ProjectionMetrics;
  readonly logger: Logger;
};

export type ProjectionFlow = {
  start(): Promise<void>;
  /** Partitions that this process reads, as topic/partition. */
  partitions(): string[];
  /** Committed records of these that Redis does not hold yet, as of the last fetch. */
  lag(): number;
  /** Compares positions with Redis: on an idle topic nobody else would notice that it was emptied. */
  checkPositions(): Promise<void>;
  close(): Promise<void>;
};

/** The flow: committed topics -> decode -> Redis. Redis holds the positions; what it says of them is followed. */
export function projectionFlow(parts: ProjectionFlowParts): ProjectionFlow {
  const { redis, untilAnswered, metrics, logger } = parts;
  const closing = new AbortController();
  /** Positions that Redis held when it last answered; a partition that is missing was not placed yet. */
  const held = new Map<string, bigint | null>();
  const lags = new Map<string, number>();
  const writing = new Set<string>();

  const reader = parts.makeReader({
    async startAt(topic, partition) {
      const position = await untilAnswered(() => redis.position(topic, partition), closing.signal);
      held.set(name({ topic, partition }), position ?? null);
      return position ?? null;
    },
    onBatch: write,
  });

  async function write(batch: CommittedBatch): Promise<void> {
    const partition = name(batch);
    writing.add(partition);
    try {
      for (const records of parts.decode(batch)) {
        const from = held.get(partition) ?? null;
        const answer = await untilAnswered(() => redis.apply({ ...records, from }), batch.signal);
        if (answer === undefined) return; // no longer ours, or closing
        // A refusal at our own end is our own write whose answer was lost with the connection.
        const position = answer.applied ? records.to : answer.position;
        held.set(partition, position);
        if (position !== records.to) return await restart(batch, position);
        count(records);
      }
      lags.set(partition, batch.lag);
    } finally {
      writing.delete(partition);
    }
  }

  async function restart(at: Partition, position: bigint | null): Promise<void> {
    logger.warn(
      { topic: at.topic, partition: at.partition, position: position?.toString() ?? 'beginning' },
      'Redis stands elsewhere; reading from there',
    );
    metrics.restarts.inc();
    held.set(name(at), position);
    await reader.seek(at.topic, at.partition, position);
  }

  function count(records: ProjectionRecords): void {
    const { topic } = records;
    metrics.records.inc({ topic }, records.messages.length);
    if (records.kind !== 'scan') return;
    for (const { event } of records.messages) {
      metrics.latency.observe((parts.nowMs() - event.times.publishedAt / 1000) / 1000);
    }
  }

  return {
    start: () => reader.start(),
    partitions: () => reader.assigned().map(name),
    lag() {
      const assigned = new Set(reader.assigned().map(name));
      return [...lags].reduce((sum, [partition, lag]) => sum + (assigned.has(partition) ? lag : 0), 0);
    },
    async checkPositions() {
      for (const at of reader.assigned()) {
        if (writing.has(name(at))) continue;
        const before = held.get(name(at));
        const position = await redis.position(at.topic, at.partition);
        const moved = before !== undefined && position !== before && held.get(name(at)) === before;
        if (moved && !writing.has(name(at))) await restart(at, position);
      }
    },
    async close() {
      closing.abort();
      await reader.close();
    },
  };
}

const name = ({ topic, partition }: Partition): string => `${topic}/${partition}`;
