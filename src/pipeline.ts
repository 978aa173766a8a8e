import type { Clock } from './clock.ts';
import type { GroupActivity } from './consumers/group-activity.ts';
import type { PartitionBatch, ScanSource } from './consumers/scan-source.ts';
import { culprits, isTheBrokers, notPublishable, withoutContent } from './culprits.ts';
import { FatalError, isFatal } from './errors.ts';
import type { Judgement } from './messages/judgement.ts';
import type { Outcome } from './messages/outcome.ts';
import type { ModelIdentity, Prediction } from './messages/prediction.ts';
import type { ModelInput, Prepared } from './messages/prepared.ts';
import type { SourceRecord } from './messages/record.ts';
import { isReject, type Reject, reject } from './messages/reject.ts';
import type { Scan } from './messages/scan.ts';
import { type Anchors, NO_ANCHORS } from './messages/standard.ts';
import { type MicroBatchPolicy, microBatch } from './micro-batch.ts';
import { checkPrediction } from './model/check-prediction.ts';
import type { NextOffset, OutcomePublisher } from './producers/outcome-publisher.ts';
import type { Health, Logger, Metrics } from './telemetry.ts';

export type PipelineParts = {
  readonly source: ScanSource;
  readonly decode: (record: SourceRecord) => Scan | Reject;
  readonly prepare: (scan: Scan) => Prepared | Reject;
  readonly model: {
    readonly identity: ModelIdentity;
    predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]>;
    warmUp(batchSizes: readonly number[]): Promise<void>;
  };
  readonly batching: MicroBatchPolicy;
  readonly gate: (prepared: Prepared, prediction: Prediction, anchors: Anchors) => Judgement;
  readonly publisher: OutcomePublisher;
  /** What this member of the group did of late: whether it is ready for work. */
  readonly activity: GroupActivity;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Called once, when going on would be wrong. */
  readonly onFatal: (error: Error) => void;
};

export type Pipeline = {
  start(): Promise<void>;
  /** Not healthy: something has been in work for so long that it will not end. */
  healthy(): Health;
  ready(): Health;
  /** Ends in the order of the flow: no more scans in, those in work committed, then the doors. */
  close(): Promise<void>;
};

const WEDGED_AFTER_MS = 60_000;

/** The flow: source -> decode -> prepare -> micro-batch -> predict -> gate -> publish and commit. */
export function pipeline(parts: PipelineParts): Pipeline {
  const { source, decode, prepare, model, gate, publisher, activity, clock, metrics, logger, onFatal } =
    parts;
  const predict = microBatch(
    (inputs: readonly ModelInput[]) => model.predict(inputs),
    parts.batching,
    clock,
    (size, waitedMs) => {
      metrics.batchSize.observe(size);
      metrics.batchWait.observe(waitedMs / 1000);
    },
  );
  const inWorkSince = new Map<number, number>(); // partition -> ms
  const suspects = culprits();
  const closing = new AbortController();
  let started = false;

  async function process(batch: PartitionBatch): Promise<boolean> {
    const { partition, records, nextOffset, offsetMetadata } = batch;
    const alone = suspects.isWorkedAlone(partition);
    const parts = alone ? records.map((record) => [record]) : [records];
    inWorkSince.set(partition, clock.nowMs());
    metrics.inWork.inc(records.length);
    try {
      for (const [i, part] of parts.entries()) {
        const next = i === parts.length - 1 ? nextOffset : part.at(-1)!.offset + 1n;
        if (!(await commit(partition, part, { offset: next, metadata: offsetMetadata }, alone))) return false;
      }
      suspects.committed(partition);
      metrics.lag.set({ partition }, batch.lag);
      return true;
    } finally {
      inWorkSince.delete(partition);
      metrics.inWork.dec(records.length);
    }
  }

  async function commit(
    partition: number,
    records: readonly SourceRecord[],
    next: NextOffset,
    alone: boolean,
  ): Promise<boolean> {
    try {
      const outcomes = await Promise.all(records.map(outcome));
      const beforeMs = clock.nowMs();
      const result = await publisher.commit(partition, outcomes, next);
      if (result === 'fenced') {
        metrics.fenced.inc();
        logger.warn({ partition, nextOffset: String(next.offset) }, 'another processor took the partition');
        return false;
      }
      activity.succeeded('commit');
      activity.settled(String(partition), 'commit');
      count(outcomes, clock.nowMs() - beforeMs);
      return true;
    } catch (error) {
      if (isFatal(error)) {
        onFatal(error as Error);
        return false;
      }
      const failed = suspects.failed(partition, records.at(-1)!.offset, alone, error);
      metrics.retries.inc();
      activity.waits(String(partition), 'commit', error instanceof Error ? error.message : String(error));
      // A broker that restarts refuses transactions for a while, and nothing is lost by it.
      const level = isTheBrokers(error) ? 'warn' : 'error';
      logger[level]({ partition, failed, err: error }, 'batch not committed; it will be fetched again');
      await clock.sleep(Math.min(5000, 50 * 2 ** failed), closing.signal);
      return false;
    }
  }

  async function outcome(record: SourceRecord): Promise<Outcome> {
    if (suspects.isCulprit(record.partition, record.offset)) {
      return {
        kind: 'dead-letter',
        record: withoutContent(record),
        scan: null,
        reject: notPublishable(record),
      };
    }
    const scan = attempt('decode', () => decode(record));
    if (isReject(scan)) return { kind: 'dead-letter', record, scan: null, reject: scan };
    const decodedAtMs = clock.nowMs();

    const prepared = attempt('prepare', () => prepare(scan));
    if (isReject(prepared)) return { kind: 'dead-letter', record, scan, reject: prepared };
    const preparedAtMs = clock.nowMs();

    const prediction = await predict(prepared.input).then(checkPrediction, unpredicted);
    if (isReject(prediction)) return { kind: 'dead-letter', record, scan, reject: prediction };
    const predictedAtMs = clock.nowMs();

    const judgement = attempt('gate', () => gate(prepared, prediction, NO_ANCHORS));
    if (isReject(judgement)) return { kind: 'dead-letter', record, scan, reject: judgement };
    const times = {
      receivedAtMs: record.receivedAtMs,
      decodedAtMs,
      preparedAtMs,
      predictedAtMs,
      gatedAtMs: clock.nowMs(),
    };
    return {
      ...{ kind: 'descriptors', record, scan, prepared, judgement, standards: [] },
      ...{ model: model.identity, times },
    };
  }

  /**
   * A bug that one scan brings to light must not hold up those behind it: thrown on, it would come back at every fetch.
   */
  function attempt<Result>(stage: string, run: () => Result): Result | Reject {
    try {
      return run();
    } catch (error) {
      logger.error({ stage, err: error }, 'a stage failed on a scan');
      const what = error instanceof Error ? error.message : String(error);
      return reject('stage-failed', `Expected to ${stage} this scan, got the error: ${what}`);
    }
  }

  /**
   * One scan that cannot be evaluated is a dead letter; a model that can evaluate nothing is the end of the process.
   */
  async function unpredicted(error: unknown): Promise<Reject> {
    const what = error instanceof Error ? error.message : String(error);
    await model.warmUp([1]).catch(() => {
      throw new FatalError(`Expected the model to evaluate its own example: ${what}`);
    });
    return reject('prediction-failed', `Expected the model to evaluate this scan: ${what}`);
  }

  function count(outcomes: readonly Outcome[], commitMs: number): void {
    const now = clock.nowMs();
    metrics.stage.observe({ stage: 'commit' }, commitMs / 1000);
    for (const outcome of outcomes) {
      metrics.latency.observe(Math.max(0, now - outcome.record.timestampMs) / 1000);
      metrics.scans.inc({ outcome: outcome.kind });
      if (outcome.kind === 'dead-letter') {
        metrics.deadLetters.inc({ reason: outcome.reject.reason });
        continue;
      }
      const { times, judgement } = outcome;
      metrics.stage.observe({ stage: 'predict' }, (times.predictedAtMs - times.preparedAtMs) / 1000);
      metrics.stage.observe({ stage: 'prepare' }, (times.preparedAtMs - times.decodedAtMs) / 1000);
      metrics.advice.inc({ advice: judgement.advice });
      for (const { name, verdict } of judgement.descriptors)
        metrics.verdicts.inc({ descriptor: name, verdict });
    }
  }

  return {
    async start() {
      await model.warmUp([1, parts.batching.maxSize]);
      started = true;
      await source.start({
        claim: (partition) => publisher.claim(partition),
        process,
        onLost(partition, from, to) {
          metrics.lost.inc(Number(to - from));
          const range = { partition, from: String(from), to: String(to - 1n) };
          logger.error(range, 'lost scans: the topic no longer has these offsets, which were not read yet');
        },
        onCrash: onFatal,
        onWarning: (message, error) => logger.warn({ err: error }, message),
      });
    },
    healthy() {
      const oldestMs = Math.max(0, ...[...inWorkSince.values()].map((since) => clock.nowMs() - since));
      const hangs = oldestMs >= WEDGED_AFTER_MS;
      return {
        ok: !hangs,
        detail: {
          ...(hangs && { reason: `a batch is in work for ${Math.round(oldestMs / 1000)} s` }),
          oldestBatchMs: Math.round(oldestMs),
        },
      };
    },
    ready() {
      const detail = { assigned: source.assigned(), model: model.identity };
      if (closing.signal.aborted) return { ok: false, detail: { reason: 'closing', ...detail } };
      if (!started) return { ok: false, detail: { reason: 'the model is warming up', ...detail } };
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
