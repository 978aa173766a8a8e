import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openBundle } from '../../src/bundle.ts';
import { flatHeaders } from '../../src/consumers/fetched-records.ts';
import { makeGate } from '../../src/gating/gate.ts';
import type { Outcome } from '../../src/messages/outcome.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { checkPrediction } from '../../src/model/check-prediction.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { outcomeRequests } from '../../src/producers/outcome-requests.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { anyRecordValue } from './any-record-value.ts';

/** `FUZZ_RUNS=100000 npm test -- hostile/fuzz` is the long form; a failure prints the seed that repeats it. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 3000);
const TOPICS = { descriptorsTopic: 'descriptors', deadLettersTopic: 'dead-letters' };
const LIMITS = { requestBytes: 900_000, recordBytes: new Map([['dead-letters', 1_000_000]]) };
const bundle = openBundle('models/spt');

let model: Model;
beforeAll(async () => {
  model = await loadModel(bundle, { engine: 'onnxruntime' });
});
afterAll(() => model.close());

test('whatever the bytes are, the outcome is a descriptor event or a dead letter', async () => {
  const prepare = makePrepare(bundle.manifest);
  const gate = makeGate(bundle.gate);
  const counted = { descriptors: 0, deadLetters: 0 };
  const property = fc.asyncProperty(
    fc.array(anyRecordValue, { minLength: 1, maxLength: 40 }),
    async (values) => {
      const prepared = values.map(
        (value, offset): { record: SourceRecord; scan: Scan | null; step: Prepared | Reject } => {
          const record = recordOf(value, offset);
          const scan = decodeScan(record);
          return isReject(scan) ? { record, scan: null, step: scan } : { record, scan, step: prepare(scan) };
        },
      );
      const inputs = prepared.flatMap(({ step }) => (isReject(step) ? [] : [step.input]));
      const predictions = [...(await model.predict(inputs))];
      const outcomes = prepared.map(({ record, scan, step }): Outcome => {
        if (isReject(step)) return { kind: 'dead-letter', record, scan, reject: step };
        const prediction = checkPrediction(predictions.shift()!);
        if (isReject(prediction)) return { kind: 'dead-letter', record, scan, reject: prediction };
        const judgement = gate(step, prediction);
        return {
          kind: 'descriptors',
          record,
          scan: scan!,
          prepared: step,
          judgement,
          standards: [],
          model: model.identity,
          times: TIMES,
        };
      });
      const requests = outcomeRequests(outcomes, TOPICS, LIMITS, 1e12);
      for (const { topic, messages } of requests.flatMap(({ topicMessages }) => topicMessages)) {
        for (const { value } of messages) {
          if (topic === TOPICS.descriptorsTopic) {
            const event = decodeDescriptors(value as Buffer);
            for (const { probabilities, low, high } of event.descriptors) {
              expect([...probabilities, low, high].every(Number.isFinite)).toBe(true);
            }
            counted.descriptors += 1;
          } else {
            expect(decodeDeadLetter(value as Buffer).detail).toMatch(/Expected /);
            counted.deadLetters += 1;
          }
        }
      }
      const records = requests.reduce((sum, request) => sum + request.records, 0);
      expect(records).toBe(values.length);
    },
  );
  await fc.assert(property, { numRuns: Math.ceil(RUNS / 6) });
  // Not by refusing everything, nor by letting everything pass.
  expect(counted.descriptors).toBeGreaterThan(0);
  expect(counted.deadLetters).toBeGreaterThan(counted.descriptors);
}, 3_600_000);

const TIMES = { receivedAtMs: 1, decodedAtMs: 2, preparedAtMs: 3, predictedAtMs: 4, gatedAtMs: 5 };

const recordOf = (value: Buffer, offset: number): SourceRecord => ({
  topic: 'scans',
  partition: 0,
  offset: BigInt(offset),
  timestampMs: 0,
  key: null,
  value,
  headers: flatHeaders(undefined),
  receivedAtMs: 0,
});
