import { decompress as unzstd } from 'fzstd';
import kafkajs from 'kafkajs'; // Node sees only some of its names
import { decompress as unlz4 } from 'lz4js';
import { uncompress as unsnappy } from 'snappyjs';

/**
 * Teaches kafkajs to read what librdkafka and Java compress by snappy, lz4 and zstd; it knows gzip alone, and a record
 * in any other codec would end the consumer for good. In JavaScript, so that no binary is missing on a beamline's
 * machine. What this project publishes itself is not compressed.
 */
export function registerDecompressors(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const decoders = {
    Snappy: uncompressSnappy,
    LZ4: (bytes: Buffer) => Buffer.from(unlz4(bytes)),
    ZSTD: (bytes: Buffer) => Buffer.from(unzstd(bytes)),
  };
  for (const [name, decode] of Object.entries(decoders) as [keyof typeof decoders, (b: Buffer) => Buffer][]) {
    CompressionCodecs[CompressionTypes[name]] = () => ({
      compress: () => Promise.reject(new Error(`Expected to read ${name} only, was asked to write it`)),
      decompress: async (bytes: Buffer) => decode(bytes),
    });
  }
}

/** What snappy-java puts before its chunks; librdkafka writes bare snappy. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16; // the magic, a version and a compatible version

export function uncompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return Buffer.from(unsnappy(bytes));
  const chunks: Uint8Array[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    at += 4;
    chunks.push(unsnappy(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat(chunks);
}
