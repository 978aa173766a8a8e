import { expect, test } from '@jest/globals';
import { logLevel } from 'kafkajs';
import { kafkaLog } from '../../src/consumers/kafka-log.ts';

function logged() {
  const lines: [string, string, Readonly<Record<string, unknown>>][] = [];
  let now = 0;
  const log = kafkaLog(
    (...line) => lines.push(line),
    () => now,
  );
  const say = (level: logLevel, message: string, detail: object = {}) =>
    log({ namespace: 'Connection', level, log: { timestamp: '', message, ...detail } as never });
  return { lines, say, pass: (ms: number) => (now += ms) };
}

test('what kafkajs tries again is a warning, and its warnings are information; what our code threw is an error', () => {
  const { lines, say } = logged();
  say(logLevel.ERROR, 'Response InitProducerId', { error: 'CONCURRENT_TRANSACTIONS', stack: 'at x' });
  say(logLevel.WARN, 'The group is rebalancing, re-joining');
  say(logLevel.ERROR, 'Error when calling eachBatch', { stack: 'at y' });
  expect(lines.map(([level]) => level)).toEqual(['warn', 'info', 'error']);
  expect(lines[0]![2]).toEqual({ error: 'CONCURRENT_TRANSACTIONS', kafkajs: 'Connection' });
  expect(lines[2]![2]).toMatchObject({ stack: 'at y' });
});

test('a line that comes again and again is said once in half a minute, with how often it came', () => {
  const { lines, say, pass } = logged();
  for (let i = 0; i < 91; i += 1) say(logLevel.ERROR, `Connection error: connect ECONNREFUSED, try ${i}`);
  say(logLevel.ERROR, 'Connection timeout');
  expect(lines).toHaveLength(2);
  pass(30_000);
  say(logLevel.ERROR, 'Connection error: connect ECONNREFUSED, try 7');
  expect(lines[2]![2]).toMatchObject({ heldBack: 90 });
});
