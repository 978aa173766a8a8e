import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import pino from 'pino';
import { parseMapping } from '../../src/bluesky/mapping.ts';
import { groupActivity } from '../../src/consumers/group-activity.ts';
import type { ScanHandlers } from '../../src/consumers/scan-handlers.ts';
import { blueskyFlow } from '../../src/flows/bluesky-flow.ts';
import { createBlueskyMetrics } from '../../src/flows/bluesky-metrics.ts';
import type { MadeScan } from '../../src/messages/made-scan.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import { recordOf, runOf } from '../bluesky/documents.ts';

const TOPIC_ID = 'a'.repeat(32);
const GROUP = 'group';
const MAPPING = { beamline: 'BM', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' };

type Log = readonly (readonly SourceRecord[])[];

/** What a broker keeps of the documents: the partitions, what was committed of them, and what was published. */
function brokerOf(log: Log) {
  const committed = new Map<string, { offset: bigint; metadata: string | null }>();
  const published: MadeScan[] = [];
  const of = (groupId: string, partition: number) =>
    committed.get(`${groupId}/${partition}`) ?? { offset: -1n, metadata: null };
  return {
    log,
    published,
    of,
    position: (partition: number) => (of(GROUP, partition).offset < 0n ? 0n : of(GROUP, partition).offset),
    commit(made: readonly MadeScan[], groupId: string, offsets: Iterable<[number, bigint, string]>) {
      published.push(...made);
      for (const [partition, offset, metadata] of offsets) {
        if (metadata.length > 4096) throw new Error('Expected at most 4,096 bytes of metadata');
        committed.set(`${groupId}/${partition}`, { offset, metadata });
      }
    },
  };
}

/** A service on that broker, and what it is told as a member of its group. */
async function serviceOn(broker: ReturnType<typeof brokerOf>) {
  let handlers: Required<ScanHandlers> | null = null;
  const assignedAgain: string[] = [];
  const flow = blueskyFlow({
    source: {
      async start(given) {
        handlers = given as Required<ScanHandlers>;
      },
      assigned: () => broker.log.map((_, partition) => partition),
      claimAgain() {},
      assignAgain: () => void assignedAgain.push('again'),
      close: async () => {},
    },
    mapping: parseMapping(MAPPING, 'mapping.json'),
    publisher: {
      claim: async () => {},
      connectionLost() {},
      async commit(made, groups) {
        for (const { groupId, offsets } of groups)
          broker.commit(
            groupId === GROUP ? made : [],
            groupId,
            offsets.map((each) => [each.partition, each.offset, each.metadata]),
          );
        return 'committed';
      },
      close: async () => {},
    },
    committed: async (groupId, partition) => broker.of(groupId, partition),
    isMore: async (partition, from) => from < BigInt(broker.log[partition]!.length),
    groupId: GROUP,
    activity: groupActivity(() => 0, 1000),
    clock: {
      nowMs: () => 0,
      sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
    },
    metrics: createBlueskyMetrics(),
    logger: pino({ level: 'silent' }),
    onFatal: (error) => {
      throw error;
    },
  });
  await flow.start();
  const { onAssigned, beginAt, process } = handlers!;
  return {
    flow,
    assignedAgain,
    assign: () => onAssigned(broker.log.map((_, partition) => partition)),
    beginAt: (partition: number) =>
      beginAt(partition, {
        topicId: TOPIC_ID,
        position: broker.position(partition),
        first: 0n,
      }),
    /** Hands over what a fetch from an offset gives; where the next one begins. */
    async read(partition: number, from: bigint, most: number): Promise<bigint> {
      const records = broker.log[partition]!.slice(Number(from), Number(from) + most);
      if (records.length === 0) return from;
      const nextOffset = from + BigInt(records.length);
      const lag = broker.log[partition]!.length - Number(nextOffset);
      const dealt = await process({ partition, records, nextOffset, lag, offsetMetadata: TOPIC_ID });
      if (dealt === false) throw new Error('Expected the batch to be dealt with');
      return dealt === 'later' ? from : nextOffset;
    },
  };
}

/** Runs, two at a time in turns, over three partitions as a producer without keys chooses them. */
function backlogOf(uids: readonly string[], points: number, partitionOf: (i: number) => number): Log {
  const log: SourceRecord[][] = [[], [], []];
  const documents = uids.flatMap((uid, n) => {
    if (n % 2 === 1) return [];
    const second = uids[n + 1] === undefined ? [] : runOf(points, uids[n + 1]);
    return runOf(points, uid).flatMap((document, i) => [document, second[i]].filter((each) => each));
  });
  for (const [i, document] of documents.entries()) {
    const partition = partitionOf(i);
    const record = recordOf(document, log[partition]!.length, partition);
    log[partition]!.push({ ...record, timestampMs: 1_750_000_000_000 + 10 * i });
  }
  return log;
}

test('a backlog over partitions of which one is read long before another: each scan once, whole', async () => {
  const uids = Array.from({ length: 260 }, (_, n) => `run-${n}`);
  const inAnyPartition = fc.array(fc.nat({ max: 2 }), { minLength: 31, maxLength: 31 });
  const fetches = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 700 })), { minLength: 8 });
  const restarts = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(inAnyPartition, fetches, restarts, async (places, order, lives) => {
      const broker = brokerOf(backlogOf(uids, 5, (i) => places[i % places.length]!));
      // A life ends after so many fetches, the last one when all is read.
      for (const fetched of [...lives, Number.POSITIVE_INFINITY]) {
        const service = await serviceOn(broker);
        service.assign();
        const next = [await service.beginAt(0), await service.beginAt(1), await service.beginAt(2)];
        const isRead = () => next.every((offset, p) => offset === BigInt(broker.log[p]!.length));
        for (let i = 0; i < fetched && !isRead(); i += 1) {
          if (i > 10_000) throw new Error('Expected all to be read');
          const [chosen, most] = order[i % order.length]!;
          const partition = (chosen + Math.floor(i / order.length)) % 3; // none is left out for ever
          next[partition] = await service.read(partition, next[partition]!, most);
        }
        await service.flow.close();
      }
      const scans = broker.published.flatMap((made) => (made.kind === 'scan' ? [made.scan] : []));
      const dead = broker.published.flatMap((made) => (made.kind === 'dead-letter' ? [made.reject] : []));
      expect(dead).toEqual([]);
      expect(scans.map(({ scanId }) => scanId).sort()).toEqual([...uids].sort());
      expect(new Set(scans.map(({ energyEv, metadata }) => `${energyEv.length}${metadata.note}`))).toEqual(
        new Set(['5undefined']),
      );
    }),
    { numRuns: 20 },
  );
}, 120_000);

test('a partition that is begun a second time in an assignment begins all of them anew', async () => {
  const broker = brokerOf(backlogOf(['run-1'], 5, (i) => i % 3));
  const service = await serviceOn(broker);
  service.assign();
  expect([await service.beginAt(0), await service.beginAt(1)]).toEqual([0n, 0n]);
  await expect(service.beginAt(0)).rejects.toThrow('Expected partition 0 to be begun once');
  expect(service.assignedAgain).toEqual(['again']);
  service.assign();
  expect([await service.beginAt(1), await service.beginAt(0)]).toEqual([0n, 0n]);
  expect(service.assignedAgain).toEqual(['again']);
  await service.flow.close();
});

test('what waits for documents that are lost is given up by and by, and fits beside the offsets', async () => {
  const uids = Array.from({ length: 1000 }, (_, n) => `run-${n}`);
  const [, ...rest] = backlogOf(uids, 5, (i) => (i % 11) % 3);
  const broker = brokerOf([[], ...rest]); // whose starts, descriptors and stops are missing is a matter of chance
  const service = await serviceOn(broker);
  service.assign();
  const next = [await service.beginAt(0), await service.beginAt(1), await service.beginAt(2)];
  const isRead = () => next.every((offset, p) => offset === BigInt(broker.log[p]!.length));
  for (let i = 0; !isRead(); i += 1) {
    if (i > 10_000) throw new Error('Expected all to be read');
    next[i % 3] = await service.read(i % 3, next[i % 3]!, 500); // the broker refuses more than 4,096 bytes
  }
  const kinds = new Set(
    broker.published.map((made) => (made.kind === 'dead-letter' ? made.reject.reason : made.kind)),
  );
  expect([...kinds].sort()).toEqual(['missing-documents', 'run', 'scan']);
  await service.flow.close();
});
