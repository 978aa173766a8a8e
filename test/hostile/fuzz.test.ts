import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IHeaders } from 'kafkajs';
import { flatHeaders } from '../../src/consumers/fetched-records.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import { outcomeRecord } from '../../src/producers/outcome-record.ts';
import { requestsOf } from '../../src/producers/requests-of.ts';
import { type OpenChain, openChain } from '../../src/threads/open-chain.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { anyRecord } from './any-record-value.ts';

/** `FUZZ_RUNS=100000 npm test -- hostile/fuzz` is the long form; a failure prints the seed that repeats it. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 3000);
const TOPICS = { descriptorsTopic: 'descriptors', deadLettersTopic: 'dead-letters' };
const LIMITS = { requestBytes: 900_000, recordBytes: new Map([['dead-letters', 1_000_000]]) };

let chain: OpenChain;
beforeAll(async () => {
  const settings = { modelDir: 'models/spt', engine: 'onnxruntime', engineThreads: 1, maxBatch: 40 } as const;
  chain = await openChain(
    settings,
    () => 1,
    () => {},
  );
});
afterAll(() => chain.close());

test('whatever the bytes are, the outcome is a descriptor event or a dead letter', async () => {
  const counted = { descriptors: 0, deadLetters: 0 };
  const property = fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 40 }), async (values) => {
    const ofRecords = await chain.run(values.map(recordOf));
    expect(ofRecords.map((each) => each.length > 0)).toEqual(values.map(() => true));
    const outcomes = ofRecords.flat();
    const published = outcomes.map((outcome) => outcomeRecord(outcome, TOPICS, LIMITS, 1e12));
    const requests = requestsOf(published, LIMITS.requestBytes);
    for (const { topic, messages } of requests.flatMap(({ topicMessages }) => topicMessages)) {
      for (const { value } of messages) {
        if (topic === TOPICS.descriptorsTopic) {
          const event = decodeDescriptors(value as Buffer);
          expect(event.preparation.edgeStep).toBeGreaterThan(0);
          for (const { probabilities, low, high, trust } of event.descriptors) {
            expect([...probabilities, low, high, trust ?? 0].every(Number.isFinite)).toBe(true);
          }
          counted.descriptors += 1;
        } else {
          const { reason, detail } = decodeDeadLetter(value as Buffer);
          expect(detail).toMatch(/Expected /);
          expect([reason, detail]).not.toEqual([expect.stringMatching(BUGS), detail]);
          counted.deadLetters += 1;
        }
      }
    }
    const records = requests.reduce((sum, request) => sum + request.records, 0);
    expect(records).toBe(outcomes.length);
  });
  await fc.assert(property, { numRuns: Math.ceil(RUNS / 6) });
  // Not by refusing everything, nor by letting everything pass.
  expect(counted.descriptors).toBeGreaterThan(0);
  expect(counted.deadLetters).toBeGreaterThan(counted.descriptors);
}, 3_600_000);

/** Reasons that say that something was not foreseen. */
const BUGS = /^(stage-failed|prediction-failed|not-publishable)$/;

const recordOf = (
  { value, headers }: { readonly value: Buffer; readonly headers: IHeaders },
  offset: number,
): SourceRecord => ({
  topic: 'scans',
  partition: 0,
  offset: BigInt(offset),
  timestampMs: 0,
  key: null,
  value,
  headers: flatHeaders(headers),
  receivedAtMs: 0,
});
