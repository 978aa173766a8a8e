import { expect, test } from '@jest/globals';
import { compress } from 'snappyjs';
import { uncompressSnappy } from '../../src/consumers/decompressors.ts';

// That whole batches of real brokers are read by every codec is shown in test/integration/hostile.test.ts; there the
// broker (Java) frames snappy its own way, while librdkafka writes it bare.
const text = Buffer.from('XANES '.repeat(5000));
const bare = Buffer.from(compress(text));

test('bare snappy, as librdkafka writes it', () => {
  expect(uncompressSnappy(bare).equals(text)).toBe(true);
});

test("chunks behind snappy-java's header", () => {
  const length = (chunk: Buffer) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(chunk.length);
    return bytes;
  };
  const header = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
  const framed = Buffer.concat([header, length(bare), bare, length(bare), bare]);
  expect(uncompressSnappy(framed).equals(Buffer.concat([text, text]))).toBe(true);
});

test('bytes that are no snappy throw', () => {
  expect(() => uncompressSnappy(Buffer.from('ffffffffffffffff', 'hex'))).toThrow();
});
