import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import kafkajs from 'kafkajs'; // Node sees only some of its names
import { uncompress as unsnappy } from 'snappyjs';
import { unpackLz4 } from './unpack-lz4.ts';
import { unpackZstd } from './unpack-zstd.ts';
import { standIns } from './withheld-records.ts';

/** Most bytes that a compressed batch of records may have when it is unpacked; producers make batches of a megabyte. */
export const UNPACKED_BATCH_BYTES = 16 * 1024 * 1024;
/** When so many bytes of one answer of a broker are unpacked, what is left of it is fetched again later. */
const UNPACKED_ANSWER_BYTES = 16 * 1024 * 1024;

/** Unpacks into at most `most` bytes; null: it would be more. Throws where the bytes are of no such codec. */
export type Unpack = (bytes: Buffer, most: number) => Buffer | null | Promise<Buffer | null>;

/**
 * Teaches kafkajs to read what librdkafka and Java compress by snappy, lz4 and zstd; it knows gzip alone, and a record
 * in any other codec would end the consumer for good. In JavaScript, so that no binary is missing on a beamline's
 * machine. What this project publishes itself is not compressed.
 *
 * A megabyte can hold a gigabyte: a batch beyond UNPACKED_BATCH_BYTES, or one that does not unpack, is replaced by
 * records without content that say so (withheld-records.ts).
 */
export function registerDecompressors(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const { compress } = gzip();
  const codecs: readonly (readonly [keyof typeof UNPACK, (encoder: never) => Promise<Buffer>])[] = [
    ['GZIP', compress],
    ['Snappy', readOnly('Snappy')],
    ['LZ4', readOnly('LZ4')],
    ['ZSTD', readOnly('ZSTD')],
  ];
  for (const [name, pack] of codecs) {
    const codec = { compress: pack, decompress: (bytes: Buffer) => unpackBatch(name, bytes) };
    CompressionCodecs[CompressionTypes[name]] = () => codec;
  }
}

const readOnly = (name: string) => () =>
  Promise.reject(new Error(`Expected to read ${name} only, was asked to write it`));

/** Bytes that were unpacked of an answer, by the memory that it came in. */
const unpackedOf = new WeakMap<ArrayBufferLike, number>();

async function unpackBatch(codec: keyof typeof UNPACK, bytes: Buffer): Promise<Buffer> {
  const before = unpackedOf.get(bytes.buffer) ?? 0;
  if (before >= UNPACKED_ANSWER_BYTES) throw new FetchedAgainLater();
  const unpacked = await Promise.resolve()
    .then(() => UNPACK[codec](bytes, UNPACKED_BATCH_BYTES))
    .catch((error: Error) => `to unpack by ${codec}: ${error.message}`);
  if (Buffer.isBuffer(unpacked)) {
    unpackedOf.set(bytes.buffer, before + unpacked.length);
    return unpacked;
  }
  const expected = unpacked ?? `to have at most ${UNPACKED_BATCH_BYTES} bytes when it is unpacked`;
  return standIns(bytes, `Expected the batch of records that this one came in ${expected}`);
}

/** kafkajs takes a batch that raises an error of this name for one that was cut off, and fetches it again. */
class FetchedAgainLater extends Error {
  override readonly name = 'KafkaJSPartialMessageError';
}

const inflate = promisify(unzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const UNPACK = {
  GZIP: (bytes, most) =>
    inflate(bytes, { maxOutputLength: most }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') return null;
      throw error;
    }),
  Snappy: unpackSnappy,
  LZ4: unpackLz4,
  ZSTD: unpackZstd,
} as const satisfies Readonly<Record<string, Unpack>>;

/** kafkajs' own, for the tests and tools that write it. */
function gzip() {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  return CompressionCodecs[CompressionTypes.GZIP]() as {
    compress: (encoder: never) => Promise<Buffer>;
  };
}

/** What snappy-java puts before its chunks; librdkafka writes bare snappy. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16; // the magic, a version and a compatible version

export function unpackSnappy(bytes: Buffer, most: number): Buffer | null {
  const chunks: Buffer[] = [];
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) chunks.push(bytes);
  else {
    for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
      const length = bytes.readUInt32BE(at);
      at += 4;
      chunks.push(bytes.subarray(at, at + length));
      at += length;
    }
  }
  const length = chunks.reduce((sum, chunk) => sum + snappyLength(chunk), 0);
  return length > most ? null : Buffer.concat(chunks.map((chunk) => unsnappy(chunk)));
}

/** Snappy begins with the length of what it holds, seven bits a byte. */
function snappyLength(bytes: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = bytes[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}
