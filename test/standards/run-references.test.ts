import { expect, test } from '@jest/globals';
import type { KeptReference } from '../../src/messages/standard.ts';
import { countsFor, runReferences } from '../../src/standards/run-references.ts';
import { decodeRunReference, encodeRunReference, runKeyOf } from '../../src/wire/run-reference-codec.ts';

const TOPIC = '0'.repeat(32);

function keptReference(runId: string, offset: bigint): KeptReference {
  const run = { runId, sampleId: 'sample', element: 'Ni', edge: 'K' };
  const reading = { meanOxidationState: 3.02, sigma: 0.2, halfEdgeEv: 8345.5 };
  return {
    reference: { ...run, ...reading, scanId: `${runId}/${offset}` },
    modelHash: 'm',
    scansTopic: TOPIC,
    offset,
  };
}

test('a reference counts for scans behind it, of its topic, read by its model', () => {
  const references = runReferences();
  const kept = keptReference('run', 5n);
  references.set('run', kept);
  expect(references.of('run', 6n)).toBe(kept.reference);
  expect(references.of('run', 5n)).toBeNull(); // itself, when it is processed again
  expect(references.of('run', 4n)).toBeNull();
  expect(references.of('another', 6n)).toBeNull();
  expect(references.all()).toEqual([kept]);
  const now = { modelHash: 'm', scansTopic: TOPIC };
  expect(countsFor(kept, now)).toBe(true);
  expect(countsFor(kept, { ...now, modelHash: 'another' })).toBe(false);
  expect(countsFor(kept, { ...now, scansTopic: '1'.repeat(32) })).toBe(false);
});

test('the oldest is forgotten first, and one that is set again is the newest', () => {
  const references = runReferences(2);
  for (const [key, offset] of [
    ['a', 1n],
    ['b', 2n],
    ['a', 3n],
    ['c', 4n],
  ] as const)
    references.set(key, keptReference(key, offset));
  expect(['a', 'b', 'c'].map((key) => references.of(key, 9n)?.scanId ?? null)).toEqual(['a/3', null, 'c/4']);
});

test('a reference comes out of its topic as it went in, by a key that no other run has', () => {
  const kept = keptReference('run', 2n ** 40n);
  const { key, value, headers } = encodeRunReference(kept);
  const buffers = Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
  );
  expect(decodeRunReference({ value, headers: buffers })).toEqual(kept);
  expect(key).toBe(runKeyOf(kept.reference));
  const run = { runId: 'a', sampleId: 'b","c', element: 'Ni', edge: 'K' };
  expect(runKeyOf(run)).not.toBe(runKeyOf({ ...run, runId: 'a","b', sampleId: 'c' }));
  expect(() => decodeRunReference({ value: Buffer.from('none'), headers: {} })).toThrow();
});
