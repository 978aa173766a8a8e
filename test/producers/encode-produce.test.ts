import { expect, test } from '@jest/globals';
import type { Message } from 'kafkajs';
import kafkajsProduce from 'kafkajs/src/protocol/requests/produce/v3/request.js';
import { crc32c } from '../../src/producers/crc32c.ts';
import { encodeProduce, type Produce } from '../../src/producers/encode-produce.ts';
import { seededRandom } from '../../workbench/data/random.ts';

const random = seededRandom(1);
const bytes = (length: number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(256 * random.uniform())));
const at = (timestamp: number, message: Message): Message => ({ timestamp: String(timestamp), ...message });

/** Of every kind that Kafka has: no key, no value, none, several and empty headers, lengths about each power of 128. */
const MESSAGES: readonly Message[] = [
  at(1_700_000_000_123, {
    key: 'sample-1',
    value: bytes(7000),
    headers: { schema: 'a', reason: Buffer.from('b') },
  }),
  at(1_700_000_000_123, { key: null, value: null }),
  at(1_700_000_000_125, {
    key: bytes(3),
    value: 'δ',
    headers: { many: ['a', Buffer.alloc(0)], umlaut: 'ö' },
  }),
  ...[0, 62, 63, 64, 127, 128, 8190, 8191, 8192].map((size) => at(1_700_000_900_000, { value: bytes(size) })),
];
const of = (part: Partial<Produce>): Produce => ({
  acks: -1,
  timeout: 1000,
  transactionalId: 'group-topic-3',
  producerId: '4611686018427387904',
  producerEpoch: 7,
  topicData: [],
  ...part,
});

test.each<[string, Produce]>([
  ['nothing', of({})],
  [
    'several topics and partitions',
    of({
      topicData: [
        {
          topic: 'descriptors',
          partitions: [
            { partition: 0, firstSequence: 5, messages: MESSAGES },
            { partition: 11, firstSequence: 0, messages: MESSAGES.slice(0, 1) },
          ],
        },
        {
          topic: 'dead',
          partitions: [{ partition: 2, firstSequence: 2 ** 31 - 1, messages: MESSAGES.slice(3) }],
        },
      ],
    }),
  ],
  [
    'no transaction',
    of({
      transactionalId: undefined,
      topicData: [{ topic: 'a', partitions: [{ partition: 0, firstSequence: 0, messages: MESSAGES }] }],
    }),
  ],
])('a request of %s is that of kafkajs, to the byte', async (_what, request) => {
  const theirs = (await kafkajsProduce(request).encode()).buffer;
  expect(encodeProduce(request, 0).equals(theirs)).toBe(true);
});

test('records without a time have that of the request, in whole milliseconds', () => {
  const messages = [{ value: 'a' }, { value: 'b', timestamp: '1700000000000' }];
  const request = (each: readonly Message[]) =>
    of({ topicData: [{ topic: 'a', partitions: [{ partition: 0, firstSequence: 0, messages: each }] }] });
  const explicit = messages.map((message) => ({ timestamp: '1700000000007', ...message }));
  expect(encodeProduce(request(messages), 1_700_000_000_007.25)).toEqual(encodeProduce(request(explicit), 0));
});

test('the checksum is that of the standard', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283); // the check value of CRC-32C
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa); // RFC 3720, B.4
  expect(crc32c(Buffer.from('xx123456789x'), 2, 11)).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});
