import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../src/messages/outcome.ts';
import { outcomeRecord } from '../../src/producers/outcome-record.ts';
import { type ProduceRequest, requestsOf } from '../../src/producers/requests-of.ts';
import { afterRefusal, DEFAULT_LIMITS, type SizeLimits } from '../../src/producers/size-limits.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { exampleDeadLetter, exampleOutcome } from './example-outcomes.ts';

const TOPICS = { descriptorsTopic: 'descriptors', deadLettersTopic: 'letters' };
const requests = (outcomes: readonly Outcome[], limits: SizeLimits = DEFAULT_LIMITS) =>
  requestsOf(
    outcomes.map((outcome) => outcomeRecord(outcome, TOPICS, limits, 1_750_000_000_000)),
    limits.requestBytes,
  );
const valuesOf = (request: ProduceRequest, topic: string) =>
  request.topicMessages
    .find((entry) => entry.topic === topic)
    ?.messages.map(({ value }) => value as Buffer) ?? [];

describe('outcomes as requests', () => {
  test('nothing to publish is no request', () => {
    expect(requests([])).toEqual([]);
  });

  test('descriptors and dead letters go to their topics, with keys and headers, in order', () => {
    const [request, ...others] = requests([
      exampleOutcome(0),
      exampleDeadLetter(1, Buffer.from('x')),
      exampleOutcome(2),
    ]);
    expect(others).toEqual([]);
    expect(valuesOf(request!, 'descriptors').map((value) => decodeDescriptors(value).sequence)).toEqual([
      0, 2,
    ]);
    expect(valuesOf(request!, 'letters').map((value) => decodeDeadLetter(value).value)).toEqual([
      Buffer.from('x'),
    ]);
    const deadLetter = request!.topicMessages[1]!.messages[0]!;
    expect(deadLetter.headers).toMatchObject({
      reason: 'malformed-avro',
      'schema-name': 'xanes.v1.DeadLetter',
    });
    expect(deadLetter.key).toEqual(Buffer.from('sample'));
    expect(request!.topicMessages[0]!.messages[0]!.key).toBe('sample');
  });

  test('no request is larger than the limit, and all records are in one of them, in order', () => {
    const outcomes = Array.from({ length: 100 }, (_, i) => exampleOutcome(i));
    const cut = requests(outcomes, { ...DEFAULT_LIMITS, requestBytes: 10_000 });
    expect(cut.length).toBeGreaterThan(5);
    for (const request of cut) expect(request.bytes).toBeLessThanOrEqual(10_000);
    const sequences = cut.flatMap((request) =>
      valuesOf(request, 'descriptors').map((v) => decodeDescriptors(v).sequence),
    );
    expect(sequences).toEqual(outcomes.map((_, i) => i));
  });

  test('a record larger than a request goes alone', () => {
    const cut = requests([
      exampleOutcome(0),
      exampleDeadLetter(1, Buffer.alloc(2_000_000)),
      exampleOutcome(2),
    ]);
    expect(cut.map(({ records }) => records)).toEqual([1, 1, 1]);
  });

  test('a dead letter that its topic does not take says where the bytes lie', () => {
    const limits = { ...DEFAULT_LIMITS, recordBytes: new Map([['letters', 10_000]]) };
    const [request] = requests([exampleDeadLetter(7, Buffer.alloc(20_000))], limits);
    const deadLetter = decodeDeadLetter(valuesOf(request!, 'letters')[0]!);
    expect(deadLetter).toMatchObject({
      value: null,
      reason: 'malformed-avro',
      source: { topic: 'scans', offset: 7 },
    });
    expect(deadLetter.detail).toMatch(/its 20000 bytes are at offset 7 of scans\/0 alone\. Expected Avro/);
  });

  test('descriptors that their topic does not take become a dead letter with the scan in it', () => {
    const outcome = exampleOutcome(3);
    const limits = { ...DEFAULT_LIMITS, recordBytes: new Map([['descriptors', 500]]) };
    const [request] = requests([outcome], limits);
    expect(valuesOf(request!, 'descriptors')).toEqual([]);
    expect(decodeDeadLetter(valuesOf(request!, 'letters')[0]!)).toMatchObject({
      reason: 'result-too-large',
      value: outcome.record.value,
      scanId: 'sample/3',
    });
  });
});

describe('afterRefusal', () => {
  test('of many records: smaller requests, until they are alone', () => {
    const outcomes = [0, 1, 2].map((i) => exampleOutcome(i));
    let limits = DEFAULT_LIMITS;
    for (let i = 0; requests(outcomes, limits)[0]!.records > 1; i += 1) {
      limits = afterRefusal(limits, requests(outcomes, limits)[0]!);
      expect(i).toBeLessThan(10);
    }
    expect(requests(outcomes, limits).map(({ records }) => records)).toEqual([1, 1, 1]);
  });

  test('of one record: that topic takes less, and the same record is not tried again', () => {
    const deadLetter = exampleDeadLetter(0, Buffer.alloc(50_000));
    const refused = requests([deadLetter])[0]!;
    const limits = afterRefusal(DEFAULT_LIMITS, refused);
    expect(limits.recordBytes).toEqual(new Map([['letters', refused.bytes - 1]]));
    expect(requests([deadLetter], limits)[0]!.bytes).toBeLessThan(2000);
  });
});
