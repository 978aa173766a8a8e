import type { Clock } from './common/clock.ts';
import { isFatal } from './common/errors.ts';
import type { GroupActivity } from './consumers/group-activity.ts';
import { inTurn } from './consumers/in-turn.ts';
import type { PartitionBatch } from './consumers/scan-handlers.ts';
import type { ScanSource } from './consumers/scan-source.ts';
import { culprits, isTheBrokers, notPublishable, retryAfterMs, withoutContent } from './flows/culprits.ts';
import { again } from './knowledge/compare-within-runs.ts';
import type { Schemas } from './knowledge/follow-schemas.ts';
import type { PartitionReferences } from './knowledge/partition-references.ts';
import type { Outcome } from './messages/outcome.ts';
import type { SourceRecord } from './messages/record.ts';
import type { Reject } from './messages/reject.ts';
import type { KeptReference } from './messages/standard.ts';
import type { NextOffset } from './producers/commit-together.ts';
import type { OutcomePublisher } from './producers/outcome-publisher.ts';
import { type Health, type Logger, type Metrics, sourceReports } from './runtime/telemetry.ts';
import type { OutcomesOfRecord } from './scan-chain.ts';
import type { ModelInUse, ModelsInUse } from './threads/models-in-use.ts';

export type PipelineParts = {
  readonly source: ScanSource;
  /** What computes: a micro-batch of records becomes outcomes (decode, prepare, predict, gate, encode). */
  readonly models: ModelsInUse;
  readonly publisher: OutcomePublisher;
  /** The standards that scans are read with: nothing is computed before they are whole. */
  readonly standards: { whole(): Promise<void>; readiness(): Health };
  /** The schemas that scans name by an id, of a registry. */
  readonly schemas: Schemas;
  /** What scans of a run are compared with. */
  readonly references: PartitionReferences;
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

/** Records of a partition that are in work, and that lie behind them. */
type Behind = { inWork: number; lag: number };

/** The flow: source -> micro-batch -> compute (decode, split, prepare, predict, gate, encode) -> publish and commit. */
export function pipeline(parts: PipelineParts): Pipeline {
  const { source, models, publisher, standards, schemas, references, activity } = parts;
  const { clock, metrics, logger, onFatal } = parts;
  const inWorkSince = new Map<PartitionBatch, number>(); // ms
  const computing = inTurn<number>();
  /** partition -> whether its newest batch was committed, and all before it since the partition was claimed. */
  const committed = new Map<number, Promise<boolean>>();
  const behinds = new Map<number, Behind>();
  const suspects = culprits();
  const closing = new AbortController();
  let started = false;

  /** A batch is computed when the one before it of its partition is, and committed when that is committed. */
  function process(batch: PartitionBatch): Promise<boolean> {
    const before = committed.get(batch.partition) ?? Promise.resolve(true);
    const done = processAfter(before, batch);
    committed.set(batch.partition, done);
    return done;
  }

  async function processAfter(before: Promise<boolean>, batch: PartitionBatch): Promise<boolean> {
    const { partition, records, nextOffset, offsetMetadata } = batch;
    const alone = suspects.isWorkedAlone(partition);
    if (alone && !(await before)) return false;
    const parts = alone ? records.map((record) => [record]) : [records];
    inWorkSince.set(batch, clock.nowMs());
    metrics.inWork.inc(records.length);
    const behind = behindOf(partition);
    behind.inWork += records.length;
    behind.lag = batch.lag;
    tellLag(partition, behind.lag + behind.inWork); // it is behind also if nothing is ever committed
    try {
      for (const [i, part] of parts.entries()) {
        const next = i === parts.length - 1 ? nextOffset : part.at(-1)!.offset + 1n;
        if (!(await work(partition, part, { offset: next, metadata: offsetMetadata }, before, alone)))
          return false;
      }
      suspects.committed(partition);
      tellLag(partition, behind.lag + behind.inWork - records.length);
      return true;
    } finally {
      inWorkSince.delete(batch);
      // The one behind it did not wait for itself.
      for (const next of inWorkSince.keys())
        if (next.partition === partition) inWorkSince.set(next, clock.nowMs());
      metrics.inWork.dec(records.length);
      behind.inWork -= records.length;
    }
  }

  function behindOf(partition: number): Behind {
    const behind = behinds.get(partition) ?? { inWork: 0, lag: 0 };
    behinds.set(partition, behind);
    return behind;
  }

  /** A partition may have been given away while its last batch was in work. */
  function tellLag(partition: number, records: number): void {
    if (source.assigned().includes(partition)) metrics.lag.set({ partition }, records);
  }

  async function work(
    partition: number,
    records: readonly SourceRecord[],
    next: NextOffset,
    before: Promise<boolean>,
    alone: boolean,
  ): Promise<boolean> {
    try {
      const { outcomes, made } = await computing(partition, () => compute(partition, records, next.metadata));
      if (!(await before)) return false; // its records will come again, behind those that were not committed
      return await commit(partition, outcomes, next, made);
    } catch (error) {
      if (isFatal(error)) {
        onFatal(error as Error);
        return false;
      }
      if (!(await before)) return false;
      const failed = suspects.failed(partition, records.at(-1)!.offset, alone, error);
      metrics.retries.inc();
      activity.waits(String(partition), 'commit', error instanceof Error ? error.message : String(error));
      // A broker that restarts refuses transactions for a while, and nothing is lost by it.
      const level = isTheBrokers(error) ? 'warn' : 'error';
      logger[level]({ partition, failed, err: error }, 'batch not committed; it will be fetched again');
      await clock.sleep(retryAfterMs(failed), closing.signal);
      return false;
    }
  }

  async function compute(partition: number, records: readonly SourceRecord[], scansTopic: string) {
    await standards.whole();
    const unread = await schemas.settle(records);
    // All outcomes of a transaction are one model's.
    return models.withOne(async (model) => {
      const outcomesOf = (record: SourceRecord) => outcomesOfRecord(model, record, unread.get(record));
      const inRuns = references.begin(partition, scansTopic, model);
      const computed = (await Promise.all(records.map(outcomesOf))).flat();
      return inRuns(computed, again(computed, outcomesOf));
    });
  }

  async function commit(
    partition: number,
    outcomes: readonly Outcome[],
    next: NextOffset,
    made: readonly KeptReference[],
  ): Promise<boolean> {
    const beforeMs = clock.nowMs();
    const published = await publisher.commit(partition, outcomes, next, made);
    if (published === 'fenced') {
      metrics.fenced.inc();
      logger.warn({ partition, nextOffset: String(next.offset) }, 'another processor took the partition');
      return false;
    }
    activity.succeeded('commit');
    activity.settled(String(partition), 'commit');
    count(published, clock.nowMs() - beforeMs);
    metrics.references.inc(made.length);
    return true;
  }

  async function outcomesOfRecord(
    model: ModelInUse,
    record: SourceRecord,
    unread: Reject | undefined,
  ): Promise<OutcomesOfRecord> {
    if (suspects.isCulprit(record.partition, record.offset)) {
      const reject = notPublishable(record);
      return [{ kind: 'dead-letter', record: withoutContent(record), scan: null, reject }];
    }
    if (unread !== undefined) return [{ kind: 'dead-letter', record, scan: null, reject: unread }];
    return model.outcomesOf(record);
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
      const { took, advice, verdicts } = outcome;
      metrics.stage.observe({ stage: 'prepare' }, took.prepareMs / 1000);
      metrics.stage.observe({ stage: 'predict' }, took.predictMs / 1000);
      metrics.advice.inc({ advice });
      for (const [descriptor, verdict] of verdicts) metrics.verdicts.inc({ descriptor, verdict });
    }
  }

  return {
    async start() {
      await models.warmUp();
      started = true;
      await source.start({
        async claim(partition) {
          committed.delete(partition);
          await publisher.claim(partition);
          await references.restore(partition);
        },
        process,
        onAssigned: () => metrics.lag.reset(), // another may have what was ours
        ...sourceReports('scans', parts),
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
      const detail = { assigned: source.assigned(), model: models.identity() };
      if (closing.signal.aborted) return { ok: false, detail: { reason: 'closing', ...detail } };
      if (!started) return { ok: false, detail: { reason: 'the model is warming up', ...detail } };
      const group = activity.readiness();
      const { ok, detail: because } =
        [group, standards.readiness(), schemas.readiness()].find((each) => !each.ok) ?? group;
      return { ok, detail: { ...group.detail, ...because, ...detail } };
    },
    async close() {
      closing.abort();
      await source.close();
      await publisher.close();
    },
  };
}
