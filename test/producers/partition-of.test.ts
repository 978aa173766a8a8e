import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { murmur2, partitionOf } from '../../src/producers/partition-of.ts';

const kafkajs = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer,
) => number;

test('is the murmur2 of kafkajs, which is that of Java, for keys of all lengths', () => {
  for (let i = 0; i < 2000; i += 1) {
    const key = randomBytes(i % 67);
    expect([key.toString('hex'), murmur2(key) | 0]).toEqual([key.toString('hex'), kafkajs(key) | 0]);
  }
});

test('known keys go where the Java client sends them', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const known = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 };
  for (const [key, hash] of Object.entries(known))
    expect([key, murmur2(Buffer.from(key)) | 0]).toEqual([key, hash]);
  expect(partitionOf('foobar', 4)).toBe((-790332482 & 0x7fffffff) % 4);
});

test('a record without a key goes anywhere', () => {
  const seen = new Set(Array.from({ length: 200 }, () => partitionOf(null, 3)));
  expect([...seen].sort()).toEqual([0, 1, 2]);
});
