import type { Kafka } from 'kafkajs';
import { largestRecords } from './largest-records.ts';
import type { ProduceRequest } from './requests-of.ts';

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
function limitsOf(maxMessageBytes: ReadonlyMap<string, number>): SizeLimits {
  const records = [...maxMessageBytes].map(([topic, bytes]) => [topic, bytes - BATCH_FRAME_BYTES] as const);
  const least = Math.min(...records.map(([, bytes]) => bytes));
  return { requestBytes: Math.min(DEFAULT_LIMITS.requestBytes, least), recordBytes: new Map(records) };
}

/** Whether something that `before` lets through is too large by `now`. */
function isSmaller(now: SizeLimits, before: SizeLimits): boolean {
  const most = (limits: SizeLimits, topic: string) =>
    limits.recordBytes.get(topic) ?? Number.POSITIVE_INFINITY;
  return (
    now.requestBytes < before.requestBytes ||
    [...now.recordBytes.keys()].some((topic) => most(now, topic) < most(before, topic))
  );
}

/** Bytes that one record of a topic may have. */
export function limitOf(topic: string, { recordBytes }: SizeLimits): number {
  return recordBytes.get(topic) ?? Number.POSITIVE_INFINITY;
}

/**
 * The limits that follow from a request that was refused as too large; a smaller one each time, so that retrying ends.
 */
export function afterRefusal(limits: SizeLimits, refused: ProduceRequest): SizeLimits {
  if (refused.records > 1) {
    return { ...limits, requestBytes: Math.floor(Math.min(limits.requestBytes, refused.bytes) / 2) };
  }
  const { topic } = refused.topicMessages[0]!;
  return { ...limits, recordBytes: new Map(limits.recordBytes).set(topic, refused.bytes - 1) };
}

/** Whether a broker refused a request for its size. */
export const isTooLarge = (error: unknown) =>
  ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].includes((error as { type?: string }).type ?? '');

/** The limits of the topics that a publisher writes to, as far as it knows them. */
export type KnownLimits = {
  now(): SizeLimits;
  /** Asks for the topics' configuration, once. */
  ask(): Promise<void>;
  /** Learns from a request that the broker refused as too large. */
  refused(request: ProduceRequest): Promise<void>;
};

export function knownLimits(kafka: Kafka, topics: readonly string[]): KnownLimits {
  const read = async () => limitsOf(await largestRecords(kafka, topics));
  let asked: SizeLimits | null = null;
  const now = () => asked ?? DEFAULT_LIMITS;
  return {
    now,
    async ask() {
      asked ??= await read();
    },
    async refused(request) {
      // A topic's settings may have been made smaller since they were read; where they were not, the refusal tells.
      const before = now();
      const told = await read();
      asked = isSmaller(told, before) ? told : afterRefusal(before, request);
    },
  };
}
