import type { Outcome } from '../messages/outcome.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { inFrame } from '../wire/confluent-frame.ts';
import { DEAD_LETTER_HEADERS, encodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { DESCRIPTORS_HEADERS } from '../wire/descriptors-codec.ts';
import { sizeOf, type TopicRecord } from './requests-of.ts';
import { limitOf, type SizeLimits } from './size-limits.ts';

export type OutcomeTopics = {
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  /** Headers of every record beside its own. */
  readonly headers?: { readonly [name: string]: string };
  readonly schemaIds?: SchemaIds | undefined;
};

/** By topic, the id in a registry of the schema that it is written with: its records are framed by it. */
export type SchemaIds = ReadonlyMap<string, number>;

/** A record, and the outcome that it holds: a dead letter where `outcomeRecord` had to make one. */
export type OutcomeRecord = TopicRecord & { readonly outcome: Outcome };

/**
 * An outcome as the record to publish. Descriptors that are too large become a dead letter; a dead letter that is too
 * large gives up the record's bytes and says where they still lie.
 */
export function outcomeRecord(
  outcome: Outcome,
  topics: OutcomeTopics,
  limits: SizeLimits,
  nowMs: number,
): OutcomeRecord {
  const { descriptorsTopic: topic, deadLettersTopic, headers, schemaIds } = topics;
  const letter = (of: DeadLetter): OutcomeRecord => ({
    ...withHeaders(deadLetterRecord(of, deadLettersTopic, limits, nowMs, schemaIds), headers),
    outcome: of,
  });
  if (outcome.kind === 'dead-letter') return letter(outcome);
  const { value, record, scan } = outcome;
  const plain = {
    ...{ key: scan.sampleId, value },
    headers: headers === undefined ? DESCRIPTORS_HEADERS : { ...DESCRIPTORS_HEADERS, ...headers },
  };
  const message = inFrame(plain, schemaIds?.get(topic));
  const limit = limitOf(topic, limits);
  if (sizeOf(message) <= limit) return { topic, message, outcome };
  const because = reject(
    'result-too-large',
    `Expected descriptors of less than ${limit} bytes, got ${value.length}; is there much metadata?`,
  );
  return letter({ kind: 'dead-letter', record, scan, reject: because });
}

const withHeaders = (record: TopicRecord, headers: OutcomeTopics['headers']): TopicRecord =>
  headers === undefined
    ? record
    : { ...record, message: { ...record.message, headers: { ...record.message.headers, ...headers } } };

/** A dead letter as the topic takes it: whole, or where it is too large or cannot be encoded, as a pointer. */
export function deadLetterRecord(
  outcome: DeadLetter,
  topic: string,
  limits: SizeLimits,
  nowMs: number,
  schemaIds: SchemaIds = new Map(),
): TopicRecord {
  const limit = limitOf(topic, limits);
  const deadLetter = (of: DeadLetter) => inFrame(deadLetterMessage(of, nowMs), schemaIds.get(topic));
  // What the record brought along is counted before it is copied: a decompressed record may be a hundred times the
  // limit.
  const message = sizeOf(outcome.record) <= limit ? encoded(() => deadLetter(outcome)) : null;
  return message !== null && !isReject(message) && sizeOf(message) <= limit
    ? { topic, message }
    : { topic, message: deadLetter(pointerTo(outcome)) };
}

/** One outcome that cannot be encoded must not hold up those that are published with it. */
function encoded<Result>(encode: () => Result): Result | Reject {
  try {
    return encode();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return reject('stage-failed', `Expected to encode the outcome of this record, got the error: ${what}`);
  }
}

type DeadLetter = Extract<Outcome, { kind: 'dead-letter' }>;

const deadLetterMessage = (outcome: DeadLetter, nowMs: number) => ({
  key: outcome.record.key,
  value: encodeDeadLetter(outcome, nowMs),
  headers: { ...DEAD_LETTER_HEADERS, reason: outcome.reject.reason },
});

/** A dead letter without what the source record brought along: its key, its bytes, its headers, its long names. */
function pointerTo({ record, scan, reject: { reason, detail } }: DeadLetter): DeadLetter {
  const { topic, partition, offset } = record;
  const names = scan && [scan.scanId, scan.runId, scan.sampleId, scan.beamline, scan.element].join('');
  return {
    kind: 'dead-letter',
    record: { ...record, key: null, value: null, headers: {} },
    scan: names !== null && names.length < 1000 ? scan : null,
    reject: reject(
      reason,
      `The record is too large for a dead letter; its ${record.value?.length ?? 0} bytes are at offset ${offset} of ` +
        `${topic}/${partition} alone. ${detail}`,
    ),
  };
}
