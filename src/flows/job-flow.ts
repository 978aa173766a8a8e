import type { Clock } from '../common/clock.ts';
import { isFatal } from '../common/errors.ts';
import type { GroupActivity } from '../consumers/group-activity.ts';
import type { PartitionBatch } from '../consumers/scan-handlers.ts';
import type { ScanSource } from '../consumers/scan-source.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { JobPublisher } from '../producers/job-publisher.ts';
import type { TopicRecord } from '../producers/requests-of.ts';
import { type Logger, sourceReports } from '../runtime/telemetry.ts';
import { isTheBrokers, retryAfterMs } from './culprits.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { KeyedStates } from './keyed-states.ts';
import type { StreamFlow } from './stream-flow.ts';

/** What one record does: the state of its key becomes another, and records are published. */
export type Stepped<State> = {
  readonly key: string;
  /** Null: none is needed any more. */
  readonly state: State | null;
  readonly publish: readonly TopicRecord[];
  /** Called when it is committed. */
  readonly onCommitted: () => void;
};

/**
 * Deals with a record, given the states as the records before it left them. Null: it is none of this job's. What
 * throws is passed over and logged, but for errors of the broker's and fatal ones.
 */
export type JobStep<State> = (
  record: SourceRecord,
  stateOf: (key: string) => State | null,
) => Promise<Stepped<State> | null>;

export type JobParts<State> = {
  readonly source: ScanSource;
  readonly states: KeyedStates<State>;
  readonly step: JobStep<State>;
  readonly publisher: JobPublisher;
  readonly activity: GroupActivity;
  readonly clock: Clock;
  readonly metrics: JobMetrics;
  readonly logger: Logger;
  readonly onFatal: (error: Error) => void;
};

/** The flow of a stream job: record -> step, with the state of its key -> publish, keep the state, and commit. */
export function jobFlow<State>(parts: JobParts<State>): StreamFlow {
  const { source, states, publisher, activity, clock, metrics, logger, onFatal } = parts;
  const closing = new AbortController();
  let failures = 0;

  async function process(batch: PartitionBatch): Promise<boolean> {
    const { partition, records, nextOffset: offset, offsetMetadata: metadata } = batch;
    try {
      const steps = await stepAll(records, partition, metadata);
      const keys = new Set(steps.map(({ key }) => key));
      const publish = [
        ...steps.flatMap((step) => step.publish),
        ...[...keys].map((key) => states.record(partition, key)),
      ];
      if ((await publisher.commit(partition, publish, { offset, metadata })) === 'fenced') {
        metrics.fenced.inc();
        logger.warn({ partition, nextOffset: String(offset) }, 'another process took the partition');
        return false;
      }
      failures = 0;
      activity.succeeded('commit');
      activity.settled(String(partition), 'commit');
      metrics.records.inc(records.length);
      metrics.lag.set({ partition }, batch.lag);
      for (const step of steps) step.onCommitted();
      return true;
    } catch (error) {
      if (isFatal(error)) {
        onFatal(error as Error);
        return false;
      }
      failures += 1;
      metrics.retries.inc();
      activity.waits(String(partition), 'commit', error instanceof Error ? error.message : String(error));
      const level = isTheBrokers(error) ? 'warn' : 'error';
      logger[level]({ partition, failures, err: error }, 'not committed; the batch will be fetched again');
      await clock.sleep(retryAfterMs(failures), closing.signal);
      return false; // the partition is claimed again, and its states are read back
    }
  }

  async function stepAll(
    records: readonly SourceRecord[],
    partition: number,
    sourceTopic: string,
  ): Promise<readonly Stepped<State>[]> {
    const steps: Stepped<State>[] = [];
    for (const record of records) {
      try {
        const step = await parts.step(record, (key) => states.get(partition, sourceTopic, key));
        if (step === null) continue;
        states.set(partition, sourceTopic, step.key, step.state);
        steps.push(step);
      } catch (error) {
        if (isFatal(error) || isTheBrokers(error)) throw error;
        // One record that brings a bug to light, or is none of ours, must not hold up those behind it.
        metrics.undecodable.inc();
        logger.error({ partition, offset: String(record.offset), err: error }, 'a record is passed over');
      }
    }
    return steps;
  }

  return {
    async start() {
      await source.start({
        async claim(partition) {
          await publisher.claim(partition);
          await states.restore(partition);
        },
        process,
        onAssigned: () => metrics.lag.reset(), // another may have what was ours
        ...sourceReports('events', parts),
      });
    },
    connectionLost() {
      publisher.connectionLost();
      source.claimAgain();
    },
    healthy: () => ({ ok: true, detail: {} }),
    ready() {
      const detail = { assigned: source.assigned() };
      if (closing.signal.aborted) return { ok: false, detail: { reason: 'closing', ...detail } };
      const group = activity.readiness();
      return { ok: group.ok, detail: { ...group.detail, ...detail } };
    },
    async close() {
      closing.abort();
      await source.close();
      await publisher.close();
    },
  };
}
