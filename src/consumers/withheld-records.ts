import { randomUUID } from 'node:crypto';

/** Header that says why a record's content is withheld. Nobody outside of this process knows its name. */
const HEADER = `withheld-${randomUUID()}`;

const BATCH_HEADER_BYTES = 61; // https://kafka.apache.org/documentation/#recordbatch
const MAGIC = 2;

/**
 * Stands in for the records of a compressed batch that is not unpacked: as many, at their offsets, without key and
 * value, with the reason. Where the topic is compacted and has gaps, offsets are counted back from the last.
 * @param compressed the batch's records as kafkajs hands them to a codec, its header before them in the same memory
 */
export function standIns(compressed: Buffer, because: string): Buffer {
  const start = compressed.byteOffset - BATCH_HEADER_BYTES;
  const header = start < 0 ? Buffer.alloc(0) : Buffer.from(compressed.buffer, start, BATCH_HEADER_BYTES);
  if (header.length === 0 || header[16] !== MAGIC || header.readInt32BE(8) !== compressed.length + 49)
    throw new TypeError('Expected kafkajs 2.2, which keeps a batch of records behind its header');
  const lastDelta = header.readInt32BE(23);
  const count = header.readInt32BE(57);
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => standIn(Math.max(0, lastDelta - count + 1 + i), because)),
  );
}

/** Why the content of a record is not there; undefined for every other record. */
export const withheldBecause = (headers: Readonly<Record<string, Buffer>>): string | undefined =>
  headers[HEADER]?.toString();

function standIn(offsetDelta: number, because: string): Buffer {
  const name = Buffer.from(HEADER);
  const text = Buffer.from(because);
  const none = varint(-1);
  const body = Buffer.concat([
    Buffer.from([0]), // attributes
    varint(0), // as old as the first record
    varint(offsetDelta),
    none, // key
    none, // value
    varint(1), // headers
    varint(name.length),
    name,
    varint(text.length),
    text,
  ]);
  return Buffer.concat([varint(body.length), body]);
}

/** Zigzag, then seven bits a byte. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = ((value << 1) ^ (value >> 31)) >>> 0; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}
