import type { Clock } from './clock.ts';
import type { kafkaClient } from './consumers/kafka-client.ts';
import { tableReader } from './consumers/table-reader.ts';
import type { SourceRecord } from './messages/record.ts';
import { isReject } from './messages/reject.ts';
import { type StandardsTable, standardsTable } from './standards/standards-table.ts';
import type { Health, Logger } from './telemetry.ts';
import { decodeStandard } from './wire/standard-codec.ts';

/** Why a standard is not used. */
export type Refusal = 'malformed' | 'unreadable' | 'too-many';

export type FollowStandardsOptions = {
  readonly kafka: ReturnType<typeof kafkaClient>;
  readonly topic: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onRefused: (refusal: Refusal) => void;
  /** After every change. */
  readonly onChange: (table: StandardsTable) => void;
  readonly onCrash: (error: Error) => void;
};

export type FollowedStandards = {
  readonly table: StandardsTable;
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
    if (value === null || value.length === 0) {
      table.remove(standardId);
      return;
    }
    const standard = decodeStandard(record);
    const place = { standardId: standardId.slice(0, 200), offset: String(record.offset) };
    if (isReject(standard)) {
      table.remove(standardId); // what it was to take the place of holds no more
      onRefused('malformed');
      logger.error({ ...place, reason: standard.reason }, `a standard is left out: ${standard.detail}`);
    } else if (!table.put(standard)) {
      onRefused('too-many');
      logger.error(place, `a standard is left out: ${table.all().length} are there already; withdraw some`);
    }
  }

  const reader = tableReader({
    ...{ kafka, topic, nowMs: clock.nowMs, sleep: clock.sleep, onCrash },
    onRecords(records) {
      for (const record of records) take(record);
      onChange(table);
    },
    onReset() {
      table.clear();
      onChange(table);
    },
    onWarning: (message, error) => logger.warn({ err: error }, message),
  });
  reader.start();
  return { table, whole: reader.whole, readiness: reader.readiness, close: reader.close };
}
