import type { JudgedScan, Outcome } from '../../src/messages/outcome.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import { reject } from '../../src/messages/reject.ts';
import { encodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { runKeyOf } from '../../src/wire/run-reference-codec.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';

/** The record of example scan `offset` of partition 0, as it would be fetched. */
export function exampleRecord(offset: number, topic = 'scans'): SourceRecord {
  const scan = exampleScan('sample', offset);
  return {
    topic,
    partition: 0,
    offset: BigInt(offset),
    timestampMs: 1_750_000_000_000,
    key: Buffer.from(scan.sampleId),
    value: encodeScan(scan).value,
    headers: {},
    receivedAtMs: 1_750_000_000_001,
  };
}

/** Descriptors as the processor publishes them, with one accepted value. */
export function exampleOutcome(offset: number, topic?: string): Extract<Outcome, { kind: 'descriptors' }> {
  return outcomeOf(exampleJudged(offset, topic));
}

export function outcomeOf(judged: JudgedScan): Extract<Outcome, { kind: 'descriptors' }> {
  const { record, scan, judgement } = judged;
  return {
    kind: 'descriptors',
    record,
    scan,
    value: encodeDescriptors(judged, judged.times.gatedAtMs),
    advice: judgement.advice,
    verdicts: judgement.descriptors.map(({ name, verdict }) => [name, verdict]),
    run: { key: runKeyOf(scan), comparedWith: null, becomes: null },
    took: { prepareMs: 0.1, predictMs: 1 },
  };
}

/** What such descriptors are encoded from. */
export function exampleJudged(offset: number, topic?: string): JudgedScan {
  const scan = exampleScan('sample', offset);
  const at = 1_750_000_000_002;
  return {
    record: exampleRecord(offset, topic),
    scan,
    prepared: {
      input: { element: 'Co', edge: 'K', mu: new Float32Array(4), mask: new Float32Array(4) },
      preparation: {
        e0Ev: 7720,
        edgeStep: 1,
        energyShiftEv: 0,
        energyShiftSource: 'table',
        energyScale: 'feff10',
        energySigmaEv: 0.3,
        preEdgeRangeEv: null,
        postEdgeRangeEv: [20, 50],
        postEdgeDegree: 0,
        coveredFromEv: 7713,
        coveredToEv: 7776,
        noise: { preEdge: 0.001, postEdge: 0.002, sigma: 0.002, method: 'residual' },
        hasCorrelatedNoise: false,
      },
      spectrum: { energyEv: Float32Array.from(scan.energyEv), mu: Float32Array.from(scan.mu!) },
      notes: [],
    },
    judgement: {
      descriptors: [
        {
          name: 'OS',
          kind: 'class',
          unit: '',
          value: 3,
          expected: 3.1,
          classes: [2, 3, 4],
          probabilities: [0, 0.9, 0.1],
          confidence: 0.9,
          low: 3,
          high: 4,
          level: 0.9,
          noiseThreshold: 0.05,
          verdict: 'ACCEPT',
          reason: 'ok',
          trust: 0.96,
          trustThreshold: 0.8,
        },
      ],
      advice: 'ACCEPT',
      adviceReason: 'all is well',
      means: [],
      mixedSites: null,
      change: null,
      outOfDistributionScore: 0.5,
      outOfDistributionLimit: 1,
    },
    mapPosition: { x: -1.25, y: 0.5 },
    standards: [],
    model: { id: 'model', hash: '0'.repeat(64), engine: 'test' },
    times: { receivedAtMs: at, decodedAtMs: at, preparedAtMs: at, predictedAtMs: at, gatedAtMs: at },
  };
}

export const exampleDeadLetter = (
  offset: number,
  value: Buffer | null,
): Extract<Outcome, { kind: 'dead-letter' }> => ({
  kind: 'dead-letter',
  record: { ...exampleRecord(offset), value },
  scan: null,
  reject: reject('malformed-avro', 'Expected Avro, got something else'),
});
