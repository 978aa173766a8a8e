import type { Message } from 'kafkajs';
import type { Outcome } from '../messages/outcome.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { inFrame } from '../wire/confluent-frame.ts';
import { DEAD_LETTER_HEADERS, encodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { DESCRIPTORS_HEADERS } from '../wire/descriptors-codec.ts';

export type OutcomeTopics = {
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  /** Headers of every record beside its own. */
  readonly headers?: { readonly [name: string]: string };
  readonly schemaIds?: SchemaIds | undefined;
};

/** By topic, the id in a registry of the schema that it is written with: its records are framed by it. */
export type SchemaIds = ReadonlyMap<string, number>;

/** What the broker takes: known by the topics' configuration where it may be read, and by what was refused. */
export type SizeLimits = {
  /** Bytes of one request. A broker refuses more than a topic's max.message.bytes of one partition in one request. */
  readonly requestBytes: number;
  /** Bytes of one record of a topic; no entry: not known to be limited. */
  readonly recordBytes: ReadonlyMap<string, number>;
};

/** A topic takes 1,048,588 bytes by default; short scans become larger descriptors, so a fetched batch can be more. */
export const DEFAULT_LIMITS: SizeLimits = { requestBytes: 900_000, recordBytes: new Map() };

/** Of a record batch, what is not its records. */
const BATCH_FRAME_BYTES = 100;

/** The limits that follow from `max.message.bytes` of the topics that are written to, by topic. */
export function limitsOf(maxMessageBytes: ReadonlyMap<string, number>): SizeLimits {
  const records = [...maxMessageBytes].map(([topic, bytes]) => [topic, bytes - BATCH_FRAME_BYTES] as const);
  const least = Math.min(...records.map(([, bytes]) => bytes));
  return { requestBytes: Math.min(DEFAULT_LIMITS.requestBytes, least), recordBytes: new Map(records) };
}

/** Whether something that `before` lets through is too large by `now`. */
export function isSmaller(now: SizeLimits, before: SizeLimits): boolean {
  const most = (limits: SizeLimits, topic: string) =>
    limits.recordBytes.get(topic) ?? Number.POSITIVE_INFINITY;
  return (
    now.requestBytes < before.requestBytes ||
    [...now.recordBytes.keys()].some((topic) => most(now, topic) < most(before, topic))
  );
}

export type OutcomeRequest = {
  readonly topicMessages: readonly { readonly topic: string; readonly messages: Message[] }[];
  readonly records: number;
  readonly bytes: number;
};

/**
 * The outcomes as records, in their order, cut into requests that the broker takes. Descriptors that are too large
 * become a dead letter; a dead letter that is too large gives up the record's bytes and says where they still lie.
 */
export function outcomeRequests(
  outcomes: readonly Outcome[],
  topics: OutcomeTopics,
  limits: SizeLimits,
  nowMs: number,
): OutcomeRequest[] {
  const records = outcomes.map((outcome) => toRecord(outcome, topics, limits, nowMs));
  return requestsOf(records, limits.requestBytes);
}

/** Records in their order, cut into requests of at most so many bytes; a larger record has one of its own. */
export function requestsOf(all: readonly Record[], requestBytes: number): OutcomeRequest[] {
  const requests: OutcomeRequest[] = [];
  let byTopic = new Map<string, Message[]>();
  let records = 0;
  let bytes = 0;
  const cut = () => {
    if (records === 0) return;
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    requests.push({ topicMessages, records, bytes });
    byTopic = new Map();
    records = 0;
    bytes = 0;
  };
  for (const { topic, message } of all) {
    const size = sizeOf(message);
    if (bytes + size > requestBytes) cut();
    const messages = byTopic.get(topic) ?? [];
    byTopic.set(topic, messages);
    messages.push(message);
    records += 1;
    bytes += size;
  }
  cut();
  return requests;
}

/**
 * The limits that follow from a request that was refused as too large; a smaller one each time, so that retrying ends.
 */
export function afterRefusal(limits: SizeLimits, refused: OutcomeRequest): SizeLimits {
  if (refused.records > 1) {
    return { ...limits, requestBytes: Math.floor(Math.min(limits.requestBytes, refused.bytes) / 2) };
  }
  const { topic } = refused.topicMessages[0]!;
  return { ...limits, recordBytes: new Map(limits.recordBytes).set(topic, refused.bytes - 1) };
}

type Record = { readonly topic: string; readonly message: Message };

function toRecord(outcome: Outcome, topics: OutcomeTopics, limits: SizeLimits, nowMs: number): Record {
  const { descriptorsTopic: topic, deadLettersTopic, headers, schemaIds } = topics;
  const letter = (of: DeadLetter): Record =>
    withHeaders(deadLetterRecord(of, deadLettersTopic, limits, nowMs, schemaIds), headers);
  if (outcome.kind === 'dead-letter') return letter(outcome);
  const { value, record, scan } = outcome;
  const plain = {
    ...{ key: scan.sampleId, value },
    headers: headers === undefined ? DESCRIPTORS_HEADERS : { ...DESCRIPTORS_HEADERS, ...headers },
  };
  const message = inFrame(plain, schemaIds?.get(topic));
  const limit = limitOf(topic, limits);
  if (sizeOf(message) <= limit) return { topic, message };
  const because = reject(
    'result-too-large',
    `Expected descriptors of less than ${limit} bytes, got ${value.length}; is there much metadata?`,
  );
  return letter({ kind: 'dead-letter', record, scan, reject: because });
}

const withHeaders = (record: Record, headers: OutcomeTopics['headers']): Record =>
  headers === undefined
    ? record
    : { ...record, message: { ...record.message, headers: { ...record.message.headers, ...headers } } };

/** Bytes that one record of a topic may have. */
export function limitOf(topic: string, { recordBytes }: SizeLimits): number {
  return recordBytes.get(topic) ?? Number.POSITIVE_INFINITY;
}

/** A dead letter as the topic takes it: whole, or where it is too large or cannot be encoded, as a pointer. */
export function deadLetterRecord(
  outcome: DeadLetter,
  topic: string,
  limits: SizeLimits,
  nowMs: number,
  schemaIds: SchemaIds = new Map(),
): Record {
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
export function pointerTo({ record, scan, reject: { reason, detail } }: DeadLetter): DeadLetter {
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

/** Bytes of a record on the wire, and some more for its frame. */
export function sizeOf({ key, value, headers }: Pick<Message, 'key' | 'value' | 'headers'>): number {
  let bytes = 100 + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  for (const [name, content] of Object.entries(headers ?? {})) {
    const length = Buffer.isBuffer(content) ? content.length : Buffer.byteLength(String(content));
    bytes += Buffer.byteLength(name) + length + 4;
  }
  return bytes;
}

/** Whether a broker refused a request for its size. */
export const isTooLarge = (error: unknown) =>
  ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].includes((error as { type?: string }).type ?? '');
