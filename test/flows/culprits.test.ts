import { expect, test } from '@jest/globals';
import { culprits, notPublishable, withoutContent } from '../../src/flows/culprits.ts';
import { exampleRecord } from '../producers/example-outcomes.ts';

class KafkaJSConnectionError extends Error {
  override readonly name = 'KafkaJSConnectionError';
}
const bug = new TypeError('x is undefined');
const broker = new KafkaJSConnectionError('Connection timeout');
const refused = Object.assign(new KafkaJSConnectionError('refused'), { type: 'INVALID_RECORD' });

const failedTogether = (times: number, error: Error = bug) => {
  const found = culprits();
  for (let i = 0; i < times; i += 1) found.failed(0, 9n, false, error);
  return found;
};

test('a batch that failed five times is worked record by record, until one is committed', () => {
  expect(failedTogether(4).isWorkedAlone(0)).toBe(false);
  const found = failedTogether(5);
  expect([found.isWorkedAlone(0), found.isWorkedAlone(1)]).toEqual([true, false]);
  found.committed(0);
  expect(found.isWorkedAlone(0)).toBe(false);
});

test('a record that failed three times by itself is the culprit', () => {
  const found = failedTogether(5);
  for (const i of [1, 2, 3]) {
    expect(found.isCulprit(0, 7n)).toBe(false);
    expect(found.failed(0, 7n, true, bug)).toBe(5 + i);
  }
  expect([found.isCulprit(0, 7n), found.isCulprit(0, 8n), found.isCulprit(1, 7n)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('what the broker fails at says nothing of a record; what it says of the record does', () => {
  const away = failedTogether(100, broker);
  expect(away.isWorkedAlone(0)).toBe(false);
  for (let i = 0; i < 100; i += 1) away.failed(0, 7n, true, broker);
  expect(away.isCulprit(0, 7n)).toBe(false);
  expect(failedTogether(5, refused).isWorkedAlone(0)).toBe(true);
});

test('what is kept of a culprit is where it lies', () => {
  const record = { ...exampleRecord(5), value: Buffer.alloc(77) };
  expect(withoutContent(record)).toMatchObject({
    offset: record.offset,
    key: null,
    value: null,
    headers: {},
  });
  expect(notPublishable(record).detail).toMatch(
    new RegExp(`77 bytes are at offset ${record.offset} of ${record.topic}/${record.partition} alone`),
  );
});
