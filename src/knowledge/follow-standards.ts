import type { Clock } from '../common/clock.ts';
import type { kafkaClient } from '../consumers/kafka-client.ts';
import { tableReader } from '../consumers/table-reader.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject } from '../messages/reject.ts';
import type { KnownOfStandard, Standard } from '../messages/standard.ts';
import type { Health, Logger } from '../runtime/telemetry.ts';
import { standardsTable } from '../standards/standards-table.ts';
import { decodeStandard } from '../wire/standard-codec.ts';
import { type Knowledge, learnStandard } from './chain-knowledge.ts';

/** Why a standard is not used. */
export type Refusal = 'malformed' | 'unreadable' | 'too-many';

export type FollowStandardsOptions = {
  readonly kafka: ReturnType<typeof kafkaClient>;
  readonly topic: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onRefused: (refusal: Refusal) => void;
  /** What changes, in its order. */
  readonly onChange: (change: Knowledge) => void;
  readonly onCrash: (error: Error) => void;
};

export type FollowedStandards = {
  all(): readonly Standard[];
  count(known: KnownOfStandard['kind']): number;
  /** All that `onChange` was told and still holds, for who begins to compute only now. */
  told(): readonly Knowledge[];
  /** Comes back once the topic is read up to where it ended when that began. */
  whole(): Promise<void>;
  readiness(): Health;
  close(): Promise<void>;
};

/** The standards topic as a table: read from here on, and followed. A malformed standard is logged and left out. */
export function followStandards(options: FollowStandardsOptions): FollowedStandards {
  const { kafka, topic, clock, logger, onRefused, onChange, onCrash } = options;
  const table = standardsTable();

  function take(record: SourceRecord): void {
    const { key, value } = record;
    const standardId = key?.toString() ?? '';
    // What was withheld has no value here, and is no tombstone.
    const isTombstone = (value === null || value.length === 0) && record.withheld === undefined;
    const change = isTombstone ? null : decodeStandard(record);
    const place = { standardId: standardId.slice(0, 200), offset: String(record.offset) };
    if (change !== null && !isReject(change)) {
      if (tell({ kind: 'standard', standard: change })) return;
      onRefused('too-many');
      logger.error(place, `a standard is left out: ${table.all().length} are there already; withdraw some`);
      return;
    }
    tell({ kind: 'no-standard', standardId }); // what a malformed one was to take the place of holds no more either
    if (change === null) return;
    onRefused('malformed');
    logger.error({ ...place, reason: change.reason }, `a standard is left out: ${change.detail}`);
  }

  function tell(change: Knowledge): boolean {
    const taken = learnStandard(table, change);
    if (taken) onChange(change);
    return taken;
  }

  const reader = tableReader({
    ...{ kafka, topic, nowMs: clock.nowMs, sleep: clock.sleep, onCrash },
    onRecords: (records) => records.forEach(take),
    onReset: () => void tell({ kind: 'no-standards' }),
    onWarning: (message, error) => logger.warn({ err: error }, message),
  });
  reader.start();
  return {
    all: table.all,
    count: (kind) => table.all().filter(({ known }) => known.kind === kind).length,
    told: () => table.all().map((standard) => ({ kind: 'standard', standard })),
    whole: reader.whole,
    readiness: reader.readiness,
    close: reader.close,
  };
}
