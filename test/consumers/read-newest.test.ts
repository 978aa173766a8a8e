import { describe, expect, test } from '@jest/globals';
import type { PartitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { readReferences } from '../../src/knowledge/read-references.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import type { KeptReference } from '../../src/messages/standard.ts';
import { encodeRunReference } from '../../src/wire/run-reference-codec.ts';

const clock = { nowMs: () => 0, sleep: async () => {} };

function keptReference(runId: string, offset: number): KeptReference {
  const run = { runId, sampleId: 'sample', element: 'Ni', edge: 'K' };
  const reading = { scanId: `${runId}/${offset}`, meanOxidationState: 3, sigma: 0.2, halfEdgeEv: 8345 };
  return { reference: { ...run, ...reading }, modelHash: 'm', scansTopic: 't', offset: BigInt(offset) };
}

/**
 * A partition of references with a transaction's marker behind each record, as a broker answers it: ten offsets at a
 * time.
 * @param runs run of each record
 */
function partitionOf(runs: readonly string[]) {
  const records = runs.map((runId, i): SourceRecord => {
    const { key, value, headers } = encodeRunReference(keptReference(runId, i));
    const buffers = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
    return {
      ...{ topic: 'references', partition: 0, offset: BigInt(2 * i), timestampMs: 0, receivedAtMs: 0 },
      ...{ key: Buffer.from(key), value, headers: Object.fromEntries(buffers) },
    } as unknown as SourceRecord;
  });
  const end = BigInt(2 * runs.length);
  let read = 0;
  const fetcher: PartitionFetcher = {
    partitions: async () => [0],
    first: async () => 0n,
    end: async () => end,
    async fetch(_topic, _partition, from) {
      const next = from + 10n < end ? from + 10n : end;
      const own = records.filter(({ offset }) => offset >= from && offset < next);
      read += own.length;
      return { records: own, next, stableEnd: end, end };
    },
    isMore: async (_topic, _partition, from) => from < end,
    close: async () => {},
  };
  return { fetcher, read: () => read };
}

const runsOf = (kept: readonly KeptReference[]) => kept.map(({ reference }) => reference.runId);

describe('references are read back of the newest runs', () => {
  test('however many there ever were', async () => {
    for (const count of [1000, 4000]) {
      const runs = Array.from({ length: count }, (_, i) => `run-${i}`);
      const { fetcher, read } = partitionOf(runs);
      const kept = await readReferences(fetcher, 'references', 0, clock, 50);
      expect(runsOf(kept)).toEqual(runs.slice(-50));
      expect(read()).toBe(50);
    }
  });

  test('from further back where some runs have many', async () => {
    const early = Array.from({ length: 300 }, (_, i) => `run-${i}`);
    const late = Array.from({ length: 300 }, (_, i) => `late-${i % 10}`);
    const { fetcher, read } = partitionOf([...early, ...late]);
    const kept = await readReferences(fetcher, 'references', 0, clock, 50);
    expect(runsOf(kept)).toEqual([...early.slice(-40), ...Array.from({ length: 10 }, (_, i) => `late-${i}`)]);
    expect(kept.at(-1)!.reference.scanId).toBe('late-9/599');
    expect(read()).toBe(50 + 200 + 600);
  });

  test('and all where there are fewer', async () => {
    const { fetcher, read } = partitionOf(['a', 'b', 'a']);
    expect(runsOf(await readReferences(fetcher, 'references', 0, clock, 50))).toEqual(['b', 'a']);
    expect(read()).toBe(3);
  });
});
