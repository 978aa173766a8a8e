import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs'; // Node sees only some of its names
import { compress as packLz4 } from 'lz4js';
import { compress as packSnappy } from 'snappyjs';
import {
  registerDecompressors,
  UNPACKED_BATCH_BYTES,
  unpackSnappy,
} from '../../src/consumers/decompressors.ts';
import { fetchedRecords } from '../../src/consumers/fetched-records.ts';
import { unpackLz4 } from '../../src/consumers/unpack-lz4.ts';
import { unpackZstd } from '../../src/consumers/unpack-zstd.ts';

// That whole batches of real brokers are read by every codec is shown in test/integration/hostile.test.ts; there the
// broker (Java) frames snappy its own way, while librdkafka writes it bare.
const text = Buffer.from('XANES '.repeat(50_000));
const snappy = Buffer.from(packSnappy(text));
const MOST = 1_000_000;

describe('snappy', () => {
  const length = (chunk: Buffer) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(chunk.length);
    return bytes;
  };
  const header = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
  const framed = Buffer.concat([header, length(snappy), snappy, length(snappy), snappy]);

  test('bare, as librdkafka writes it', () => {
    expect(unpackSnappy(snappy, MOST)?.equals(text)).toBe(true);
  });
  test("in chunks behind snappy-java's header", () => {
    expect(unpackSnappy(framed, MOST)?.equals(Buffer.concat([text, text]))).toBe(true);
  });
  test('what would be more is not unpacked', () => {
    expect(unpackSnappy(snappy, text.length - 1)).toBeNull();
    expect(unpackSnappy(framed, 2 * text.length - 1)).toBeNull();
    expect(unpackSnappy(Buffer.from('ffffffff0f00', 'hex'), MOST)).toBeNull(); // it says 4 GB
  });
  test('bytes that are none throw', () => {
    expect(() => unpackSnappy(Buffer.from('ffffffffffffffff', 'hex'), 1e12)).toThrow();
  });
});

describe('lz4', () => {
  const packed = Buffer.from(packLz4(text));

  test('is unpacked, up to what is allowed', () => {
    expect(unpackLz4(packed, MOST)?.equals(text)).toBe(true);
    expect(unpackLz4(packed, text.length)?.equals(text)).toBe(true);
    expect(unpackLz4(packed, text.length - 1)).toBeNull();
  });
  test('thousands of small blocks that claim 4 MB each cost what they hold', () => {
    const block = Buffer.from('01000080' + '41', 'hex'); // one byte, as it is
    const frame = Buffer.concat([
      Buffer.from('04224d18' + '40' + '70' + '00', 'hex'),
      ...Array.from({ length: 5000 }, () => block),
      Buffer.alloc(4),
    ]);
    expect(unpackLz4(frame, MOST)?.toString()).toBe('A'.repeat(5000));
  });
  test('bytes that are none, or cut off, throw', () => {
    expect(() => unpackLz4(text, MOST)).toThrow('no frame of lz4');
    expect(() => unpackLz4(packed.subarray(0, packed.length - 9), MOST)).toThrow();
  });
});

describe('zstd', () => {
  /** A frame whose blocks are bytes as they are (`raw`) or one byte repeated. */
  const frame = (...blocks: readonly (string | readonly [string, number])[]) => {
    const parts = blocks.map((block, i) => {
      const isRaw = typeof block === 'string';
      const size = isRaw ? block.length : block[1];
      const header = Buffer.alloc(3);
      header.writeUIntLE((size << 3) | ((isRaw ? 0 : 1) << 1) | Number(i === blocks.length - 1), 0, 3);
      return Buffer.concat([header, Buffer.from(isRaw ? block : block[0])]);
    });
    return Buffer.concat([Buffer.from('28b52ffd' + '00' + '78', 'hex'), ...parts]); // a window of 32 MB
  };

  test('is unpacked, up to what is allowed', () => {
    expect(unpackZstd(frame('XANES'), MOST)?.toString()).toBe('XANES');
    expect(unpackZstd(frame('XA', ['N', 3], 'ES'), MOST)?.toString()).toBe('XANNNES');
    expect(unpackZstd(frame(['N', 1000]), 999)).toBeNull();
  });
  test('a hundred bytes that are a hundred million are not unpacked', () => {
    const bomb = frame(...Array.from({ length: 50 }, () => ['N', 2_000_000] as const));
    expect(bomb.length).toBeLessThan(300);
    expect(unpackZstd(bomb, UNPACKED_BATCH_BYTES)).toBeNull();
  });
  test('bytes that are none, or cut off, throw', () => {
    expect(() => unpackZstd(text, MOST)).toThrow('no frame of zstd');
    expect(() => unpackZstd(frame('XANES').subarray(0, 12), MOST)).toThrow();
  });
});

describe('a batch of records, as kafkajs has it unpacked', () => {
  registerDecompressors();
  const codec = (
    kafkajs.CompressionCodecs as Record<number, () => { decompress(b: Buffer): Promise<Buffer> }>
  )[kafkajs.CompressionTypes.GZIP]!();
  /** Records behind the header of their batch, in the same memory. */
  const inBatch = (records: Buffer, count = 1) => {
    const batch = Buffer.concat([Buffer.alloc(61), records]);
    batch.writeInt32BE(records.length + 49, 8);
    batch[16] = 2;
    batch.writeInt32BE(count - 1, 23);
    batch.writeInt32BE(count, 57);
    return batch.subarray(61);
  };
  const pack = promisify(gzip);

  test('as it is, where it is not too large', async () => {
    expect((await codec.decompress(inBatch(await pack(text)))).equals(text)).toBe(true);
  });

  test('too large: as many records without content, which say why, at their offsets', async () => {
    const bomb = await pack(Buffer.alloc(UNPACKED_BATCH_BYTES + 1));
    const { messages } = await decoded(await codec.decompress(inBatch(bomb, 3)), 3);
    const { records } = fetchedRecords(batchOf(messages), 0);
    expect(records.map(({ offset, value, key, headers }) => ({ offset, value, key, headers }))).toEqual(
      [7n, 8n, 9n].map((offset) => ({ offset, value: null, key: null, headers: {} })),
    );
    expect(records[0]!.withheld).toMatch(/Expected the batch of records .* at most 16777216 bytes/);
  });

  test('not of the codec: the same', async () => {
    const { messages } = await decoded(await codec.decompress(inBatch(Buffer.from('no gzip'))), 1);
    expect(fetchedRecords(batchOf(messages), 0).records[0]!.withheld).toMatch(/to unpack by GZIP: /);
  });

  test('what one answer holds is unpacked up to a limit, and the rest fetched again', async () => {
    const part = await pack(Buffer.alloc(UNPACKED_BATCH_BYTES - 1));
    const answer = Buffer.concat(Array.from({ length: 3 }, () => part));
    const at = (i: number) => answer.subarray(i * part.length, (i + 1) * part.length);
    expect((await codec.decompress(at(0))).length).toBe(UNPACKED_BATCH_BYTES - 1);
    expect((await codec.decompress(at(1))).length).toBe(UNPACKED_BATCH_BYTES - 1);
    await expect(codec.decompress(at(2))).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
    // The next answer lies elsewhere.
    expect(
      (await codec.decompress(Buffer.concat([part, Buffer.alloc(9000)]).subarray(0, part.length))).length,
    ).toBe(UNPACKED_BATCH_BYTES - 1);
  });

  test('deflate in place of gzip, which Java refuses and zlib reads', async () => {
    expect((await codec.decompress(inBatch(await promisify(deflate)(text)))).equals(text)).toBe(true);
  });
});

/** Records by kafkajs' own decoder; their batch begins at offset 7. */
async function decoded(bytes: Buffer, count: number) {
  const { default: Decoder } = await import('kafkajs/src/protocol/decoder.js');
  const { default: record } = await import('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
  const decoder = new Decoder(bytes) as InstanceType<typeof Decoder> & { readVarIntBytes(): Buffer };
  const messages = Array.from({ length: count }, () =>
    record(new Decoder(decoder.readVarIntBytes()), { firstOffset: '7', firstTimestamp: '0', magicByte: 2 }),
  );
  return { messages };
}

const batchOf = (messages: unknown) =>
  ({
    topic: 'scans',
    partition: 0,
    highWatermark: '10',
    messages,
    lastOffset: () => '9',
  }) as unknown as Parameters<typeof fetchedRecords>[0];
