import type { Knowledge } from '../knowledge/chain-knowledge.ts';
import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { Advice, Verdict } from '../messages/judgement.ts';
import type { ComparedInRun, Outcome, ScanNames } from '../messages/outcome.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { Reject } from '../messages/reject.ts';

/** What a worker thread is sent: a batch of records, something to know, or the word to end. */
export type ToThread =
  | { readonly kind: 'batch'; readonly batch: PackedRecords }
  | { readonly kind: 'learn'; readonly knowledge: Knowledge }
  | { readonly kind: 'close' };

/** What it answers; batches in the order in which they came. */
export type FromThread =
  | { readonly kind: 'ready'; readonly identity: ModelIdentity }
  | { readonly kind: 'outcomes'; readonly outcomes: PackedOutcomes }
  /** The batch as a whole could not be computed, or the model not be loaded. */
  | { readonly kind: 'failed'; readonly message: string; readonly isFatal: boolean }
  /** Something to be told to people, with which it goes on. */
  | { readonly kind: 'warning'; readonly message: string }
  /** This model cannot read a standard. */
  | { readonly kind: 'unreadable'; readonly standardId: string; readonly detail: string }
  | {
      readonly kind: 'bug';
      readonly stage: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** From and to, in bytes. */
type Span = readonly [number, number];

/** Records whose bytes lie in one buffer of their own, which is moved to the other thread. */
export type PackedRecords = {
  readonly bytes: ArrayBuffer;
  readonly records: readonly (Omit<SourceRecord, 'key' | 'value' | 'headers'> & {
    readonly key: Span | null;
    readonly value: Span | null;
    readonly headers: readonly (readonly [name: string, value: Span])[];
  })[];
};

/** Outcomes of each record without the record, which the sender has; events lie in one buffer. */
export type PackedOutcomes = {
  readonly bytes: ArrayBuffer;
  readonly outcomes: readonly (readonly PackedOutcome[])[];
};

type PackedOutcome =
  | { readonly scan: ScanNames | null; readonly reject: Reject }
  | {
      readonly scan: ScanNames;
      readonly value: Span;
      readonly advice: Advice;
      readonly verdicts: readonly (readonly [DescriptorName, Verdict])[];
      readonly run: ComparedInRun;
      readonly took: { readonly prepareMs: number; readonly predictMs: number };
    };

/** Copied once, since what is fetched shares its buffer with records of other batches. */
export function packRecords(records: readonly SourceRecord[]): PackedRecords {
  const room = byteRoom(
    records.reduce((sum, { key, value, headers }) => {
      const rest = Object.values(headers).reduce((bytes, header) => bytes + header.length, 0);
      return sum + (key?.length ?? 0) + (value?.length ?? 0) + rest;
    }, 0),
  );
  const packed = records.map((record) => ({
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestampMs: record.timestampMs,
    receivedAtMs: record.receivedAtMs,
    ...(record.withheld !== undefined && { withheld: record.withheld }),
    key: record.key && room.put(record.key),
    value: record.value && room.put(record.value),
    headers: Object.entries(record.headers).map(([name, value]) => [name, room.put(value)] as const),
  }));
  return { bytes: room.bytes, records: packed };
}

export function unpackRecords({ bytes, records }: PackedRecords): SourceRecord[] {
  const at = ([from, to]: Span) => Buffer.from(bytes, from, to - from);
  return records.map((record) => ({
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestampMs: record.timestampMs,
    receivedAtMs: record.receivedAtMs,
    ...(record.withheld !== undefined && { withheld: record.withheld }),
    key: record.key && at(record.key),
    value: record.value && at(record.value),
    headers: Object.fromEntries(record.headers.map(([name, span]) => [name, at(span)])),
  }));
}

export function packOutcomes(outcomes: readonly (readonly Outcome[])[]): PackedOutcomes {
  const lengthOf = (outcome: Outcome) => (outcome.kind === 'descriptors' ? outcome.value.length : 0);
  const room = byteRoom(outcomes.flat().reduce((sum, outcome) => sum + lengthOf(outcome), 0));
  const packOne = (outcome: Outcome): PackedOutcome => {
    if (outcome.kind === 'dead-letter') return { scan: outcome.scan, reject: outcome.reject };
    const { scan, value, advice, verdicts, run, took } = outcome;
    return { scan, value: room.put(value), advice, verdicts, run, took };
  };
  return { bytes: room.bytes, outcomes: outcomes.map((ofRecord) => ofRecord.map(packOne)) };
}

/** @param records those that the outcomes are of, in their order */
export function unpackOutcomes(
  { bytes, outcomes }: PackedOutcomes,
  records: readonly SourceRecord[],
): Outcome[][] {
  return outcomes.map((ofRecord, i) =>
    ofRecord.map((outcome): Outcome => {
      const record = records[i]!;
      if ('reject' in outcome) return { kind: 'dead-letter', record, ...outcome };
      const [from, to] = outcome.value;
      return { kind: 'descriptors', record, ...outcome, value: Buffer.from(bytes, from, to - from) };
    }),
  );
}

function byteRoom(length: number) {
  const bytes = new ArrayBuffer(length);
  const view = new Uint8Array(bytes);
  let end = 0;
  return {
    bytes,
    put(part: Uint8Array): Span {
      view.set(part, end);
      end += part.length;
      return [end - part.length, end];
    },
  };
}
