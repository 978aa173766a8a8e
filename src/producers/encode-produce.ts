import type { Message } from 'kafkajs';
import { crc32c } from './crc32c.ts';

/** What kafkajs is asked to produce at one broker. */
export type Produce = {
  readonly acks: number;
  readonly timeout?: number;
  readonly compression?: number;
  readonly transactionalId?: string | undefined;
  readonly producerId: string | number;
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly Message[];
    }[];
  }[];
};

/** Of a record batch what is not its records, and of it what the checksum leaves out. */
const BATCH_BYTES = 61;
const BEFORE_CHECKED = 21;
const UNTIL_LENGTH = 12;
const TRANSACTIONAL = 16;

/**
 * The body of a produce request, versions 3 to 8, without compression:
 * https://kafka.apache.org/protocol#Messages_Produce
 * Written once, into room that fits it: kafkajs copies each record seven times, into room that it clears first.
 * @param nowMs of records without a time of their own
 */
export function encodeProduce(of: Produce, nowMs: number): Buffer {
  const topics = of.topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((batch) => ({ ...batch, ...sized(batch.messages, nowMs) })),
  }));
  let size = 2 + Buffer.byteLength(of.transactionalId ?? '') + 2 + 4 + 4;
  for (const { topic, partitions } of topics) {
    size += 2 + Buffer.byteLength(topic) + 4;
    for (const { bytes } of partitions) size += 8 + bytes;
  }
  const to = Buffer.allocUnsafe(size);
  let at = string(to, 0, of.transactionalId ?? null);
  at = to.writeInt16BE(of.acks, at);
  at = to.writeInt32BE(of.timeout ?? 30_000, at);
  at = to.writeInt32BE(topics.length, at);
  for (const { topic, partitions } of topics) {
    at = string(to, at, topic);
    at = to.writeInt32BE(partitions.length, at);
    for (const batch of partitions) {
      at = to.writeInt32BE(batch.partition, at);
      at = to.writeInt32BE(batch.bytes, at);
      at = writeBatch(to, at, of, batch);
    }
  }
  return to;
}

type SizedRecord = {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly headers: readonly { readonly name: string; readonly value: Bytes }[];
  readonly timeMs: number;
  /** Of what follows its length. */
  readonly bytes: number;
};
type Bytes = Buffer | string | null;
type SizedBatch = {
  readonly firstSequence: number;
  readonly records: readonly SizedRecord[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly bytes: number;
};

function sized(messages: readonly Message[], nowMs: number): Omit<SizedBatch, 'firstSequence'> {
  const times = messages.map(({ timestamp }) =>
    Math.floor(timestamp === undefined ? nowMs : Number(timestamp)),
  );
  let firstMs = times[0] ?? Math.floor(nowMs);
  let lastMs = firstMs;
  for (const timeMs of times) {
    firstMs = Math.min(firstMs, timeMs);
    lastMs = Math.max(lastMs, timeMs);
  }
  let bytes = BATCH_BYTES;
  const records = messages.map((message, i): SizedRecord => {
    const { key, value } = message;
    const headers = headersOf(message);
    const timeMs = times[i]!;
    let body = 1 + sizeOfInteger(timeMs - firstMs) + sizeOfInteger(i) + sizeOfBytes(key) + sizeOfBytes(value);
    body += sizeOfInteger(headers.length);
    for (const header of headers) body += sizeOfBytes(header.name) + sizeOfBytes(header.value);
    bytes += sizeOfInteger(body) + body;
    return { key: key ?? null, value, headers, timeMs, bytes: body };
  });
  return { records, firstMs, lastMs, bytes };
}

const headersOf = ({ headers = {} }: Message) =>
  Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({ name, value: value ?? null })),
  );

/** https://kafka.apache.org/documentation/#recordbatch */
function writeBatch(to: Buffer, start: number, of: Produce, batch: SizedBatch): number {
  const { records, firstMs, lastMs, bytes, firstSequence } = batch;
  let at = to.writeBigInt64BE(0n, start); // the broker gives the offset
  at = to.writeInt32BE(bytes - UNTIL_LENGTH, at);
  at = to.writeInt32BE(0, at); // the leader's epoch, the broker's too
  at = to.writeInt8(2, at); // the format
  at = to.writeUInt32BE(0, at); // the checksum, below
  at = to.writeInt16BE(of.transactionalId === undefined ? 0 : TRANSACTIONAL, at);
  at = to.writeInt32BE(records.length - 1, at);
  at = to.writeBigInt64BE(BigInt(firstMs), at);
  at = to.writeBigInt64BE(BigInt(lastMs), at);
  at = to.writeBigInt64BE(BigInt(of.producerId), at);
  at = to.writeInt16BE(of.producerEpoch, at);
  at = to.writeInt32BE(firstSequence, at);
  at = to.writeInt32BE(records.length, at);
  for (const [i, { key, value, headers, timeMs, bytes: body }] of records.entries()) {
    at = integer(to, at, body);
    at = to.writeInt8(0, at);
    at = integer(to, at, timeMs - firstMs);
    at = integer(to, at, i);
    at = sizedBytes(to, at, key);
    at = sizedBytes(to, at, value);
    at = integer(to, at, headers.length);
    for (const header of headers) at = sizedBytes(to, sizedBytes(to, at, header.name), header.value);
  }
  to.writeUInt32BE(crc32c(to, start + BEFORE_CHECKED, at), start + BEFORE_CHECKED - 4);
  return at;
}

function string(to: Buffer, at: number, value: string | null): number {
  if (value === null) return to.writeInt16BE(-1, at);
  const length = to.write(value, at + 2);
  to.writeInt16BE(length, at);
  return at + 2 + length;
}

function sizedBytes(to: Buffer, start: number, value: Bytes): number {
  if (value === null) return integer(to, start, -1);
  const length = Buffer.byteLength(value);
  const at = integer(to, start, length);
  if (typeof value === 'string') to.write(value, at);
  else to.set(value, at);
  return at + length;
}

function sizeOfBytes(value: Bytes | undefined): number {
  if (value === null || value === undefined) return 1;
  const length = Buffer.byteLength(value);
  return sizeOfInteger(length) + length;
}

/** Base 128, the sign in the lowest bit; up to 2^52. */
function integer(to: Buffer, start: number, value: number): number {
  let rest = zigZag(value);
  let at = start;
  for (; rest > 127; rest = Math.floor(rest / 128)) to[at++] = (rest % 128) + 128;
  to[at++] = rest;
  return at;
}

function sizeOfInteger(value: number): number {
  let size = 1;
  for (let rest = zigZag(value); rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

const zigZag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
