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
import { madeRecord } from '../../src/producers/made-record.ts';
import { recordOf, runOf, start } from '../bluesky/documents.ts';
import { limitsOf, TOPICS } from '../bluesky/publishing.ts';

const TOPIC_ID = 'a'.repeat(32);
const GROUP = 'group';
const DAY_MS = 86_400_000;
const MAPPING = { beamline: 'BM', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' };

const LIMIT = 10_000;
const LIMITS = limitsOf(LIMIT);

type Log = readonly (readonly SourceRecord[])[];

/** What a broker keeps of the documents: the partitions, what was committed of them, and what was published. */
function brokerOf(log: Log) {
  const committed = new Map<string, { offset: bigint; metadata: string | null }>();
  const published: MadeScan[] = [];
  const of = (groupId: string, partition: number) =>
    committed.get(`${groupId}/${partition}`) ?? { offset: -1n, metadata: null };
  return {
    log,
    /** Where the partitions end. */
    ends: log.map(({ length }) => length),
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

/** A service on that broker, and what it is told and given as the only member of its group. */
async function serviceOn(broker: ReturnType<typeof brokerOf>) {
  const metrics = createBlueskyMetrics();
  let nowMs = 0;
  let refusals = 0;
  let handlers: Required<ScanHandlers> | null = null;
  const assignedAgain: string[] = [];
  let tick = () => {};
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
        if (refusals > 0) {
          refusals -= 1;
          throw new Error('the broker restarts');
        }
        const all = made.map((each) => madeRecord(each, TOPICS, LIMITS, 0).made);
        for (const { groupId, offsets } of groups)
          broker.commit(
            groupId === GROUP ? all : [],
            groupId,
            offsets.map((each) => [each.partition, each.offset, each.metadata]),
          );
        return all;
      },
      close: async () => {},
    },
    committed: async (groupId, partition) => broker.of(groupId, partition),
    isMore: async (partition, from) => from < BigInt(broker.ends[partition]!),
    groupId: GROUP,
    activity: groupActivity(() => 0, 1000),
    clock: {
      nowMs: () => nowMs,
      sleep: (_, signal) =>
        new Promise((resolve) => {
          tick = resolve;
          signal?.addEventListener('abort', () => resolve());
        }),
    },
    metrics,
    logger: pino({ level: 'silent' }),
    onFatal: (error) => {
      throw error;
    },
  });
  await flow.start();
  const { onAssigned, beginAt, process } = handlers!;
  const next: bigint[] = [];
  /** Fetches of each partition, and those partitions that are paused. */
  const fetches = broker.log.map(() => 0);
  const paused = new Set<number>();
  const begin = async (partition: number): Promise<bigint> => {
    next[partition] = await beginAt(partition, {
      topicId: TOPIC_ID,
      position: broker.position(partition),
      first: 0n,
    });
    paused.delete(partition);
    return next[partition];
  };
  return {
    flow,
    assignedAgain,
    fetches,
    paused,
    tick: () => tick(),
    /** What it says of partitions that wait, and how many it counts. */
    waiting: async () => [
      flow.ready().detail.waiting,
      (await metrics.waiting.get()).values.map(({ value }) => value),
    ],
    metrics,
    /** So much later; the next commits fail, so many of them. */
    pass(ms: number, refused: number) {
      nowMs += ms;
      refusals = refused;
    },
    assign: () => onAssigned(broker.log.map((_, partition) => partition)),
    begin,
    async beginAll(): Promise<void> {
      onAssigned(broker.log.map((_, partition) => partition));
      for (const partition of broker.log.keys()) await begin(partition);
    },
    /** Fetches a partition, unless it waits, and hands over what that gives. */
    async fetch(partition: number, most: number): Promise<void> {
      const from = next[partition]!;
      const records = broker.log[partition]!.slice(Number(from), Number(from) + most);
      if (paused.has(partition) || records.length === 0) return;
      fetches[partition]! += 1;
      const nextOffset = from + BigInt(records.length);
      const lag = broker.log[partition]!.length - Number(nextOffset);
      const goOn = (dealt: boolean) => {
        if (!dealt) throw new Error('Expected the batch to be dealt with');
        next[partition] = nextOffset;
      };
      const dealt = await process({ partition, records, nextOffset, lag, offsetMetadata: TOPIC_ID });
      if (typeof dealt === 'boolean') return goOn(dealt);
      paused.add(partition);
      void dealt.until.then((ended) => {
        if (!ended) return; // whoever begins it again goes on with it
        goOn(ended);
        paused.delete(partition);
      });
    },
    isRead: () => next.every((offset, partition) => offset === BigInt(broker.ends[partition]!)),
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
        await service.beginAll();
        for (let i = 0; i < fetched && !service.isRead(); i += 1) {
          if (i > 10_000) throw new Error('Expected all to be read');
          const [chosen, most] = order[i % order.length]!;
          const partition = (chosen + Math.floor(i / order.length)) % 3; // none is left out for ever
          await service.fetch(partition, most);
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
});

test('a partition that is begun a second time in an assignment begins all of them anew', async () => {
  const broker = brokerOf(backlogOf(['run-1'], 5, (i) => i % 3));
  const service = await serviceOn(broker);
  service.assign();
  expect([await service.begin(0), await service.begin(1)]).toEqual([0n, 0n]);
  await expect(service.begin(0)).rejects.toThrow('Expected partition 0 to be begun once');
  expect(service.assignedAgain).toEqual(['again']);
  service.assign();
  expect([await service.begin(1), await service.begin(0)]).toEqual([0n, 0n]);
  expect(service.assignedAgain).toEqual(['again']);
  await service.flow.close();
});

test('what waits for documents that are lost is given up by and by, and fits beside the offsets', async () => {
  const uids = Array.from({ length: 1000 }, (_, n) => `run-${n}`);
  const [, ...rest] = backlogOf(uids, 5, (i) => (i % 11) % 3);
  const broker = brokerOf([[], ...rest]); // whose starts, descriptors and stops are missing is a matter of chance
  const service = await serviceOn(broker);
  await service.beginAll();
  for (let i = 0; !service.isRead(); i += 1) {
    if (i > 10_000) throw new Error('Expected all to be read');
    await service.fetch(i % 3, 500); // the broker refuses more than 4,096 bytes
  }
  const kinds = new Set(
    broker.published.map((made) => (made.kind === 'dead-letter' ? made.reject.reason : made.kind)),
  );
  expect([...kinds].sort()).toEqual(['missing-documents', 'run', 'scan']);
  await service.flow.close();
});

/** Runs of which the descriptors lie in partition 2, and nothing else does. */
const DESCRIPTORS_APART = Array.from({ length: 300 }, (_, n) => `run-${n}`);
const descriptorsApart = () => {
  const log: SourceRecord[][] = [[], [], []];
  for (const [n, uid] of DESCRIPTORS_APART.entries())
    for (const [i, document] of runOf(5, uid).entries()) {
      const partition = document[0] === 'descriptor' ? 2 : i % 2;
      const record = recordOf(document, log[partition]!.length, partition);
      log[partition]!.push({ ...record, timestampMs: 1_750_000_000_000 + 1000 * n + i });
    }
  return brokerOf(log);
};

const scansOf = ({ published }: ReturnType<typeof brokerOf>) =>
  published.flatMap((made) => (made.kind === 'scan' ? [made.scan.scanId] : [])).sort();
const notYetThen = () => new Promise((resolve) => setImmediate(resolve));

/** A service where the first two partitions wait for the descriptors in the third. */
async function whereTwoWait() {
  const broker = descriptorsApart();
  const service = await serviceOn(broker);
  await service.beginAll();
  await service.fetch(0, 2000);
  await service.fetch(1, 2000);
  expect([...service.paused]).toEqual([0, 1]);
  return { broker, service };
}

test('a partition that waits is not fetched meanwhile, and each document is fetched once', async () => {
  const { broker, service } = await whereTwoWait();
  expect(broker.position(0)).toBeLessThan(400n); // as much as may wait for descriptors
  for (let i = 0; i < 30; i += 1) for (const partition of [0, 1, 2]) await service.fetch(partition, 20);
  await notYetThen();
  expect([...service.paused]).toEqual([]);
  expect(service.fetches).toEqual([1, 1, 15]); // by twenty of 300
  expect(scansOf(broker)).toEqual([...DESCRIPTORS_APART].sort());
  expect(broker.published.filter(({ kind }) => kind === 'dead-letter')).toEqual([]);
  await service.flow.close();
});

test('whoever asks while partitions wait hears which, for what and since when', async () => {
  const { service } = await whereTwoWait();
  const why = 'further behind, with documents that may complete what is open';
  expect(await service.waiting()).toEqual([`partitions 0, 1 waiting since 0 s for partition 2: ${why}`, [2]]);
  service.pass(40_000, 0);
  service.tick();
  await notYetThen();
  expect(await service.waiting()).toEqual([
    `partitions 0, 1 waiting since 40 s for partition 2: ${why}`,
    [2],
  ]);
  await service.fetch(2, 1); // something moves
  expect(await service.waiting()).toEqual([`partitions 0, 1 waiting since 0 s for partition 2: ${why}`, [2]]);
  await service.fetch(2, 299);
  await notYetThen();
  expect(await service.waiting()).toEqual([undefined, [0]]);
  await service.flow.close();
});

test('so does who asks while partitions are claimed one after the other, and while open runs are read again', async () => {
  const broker = brokerOf(backlogOf(['run-1'], 5, (i) => i % 3));
  const first = await serviceOn(broker);
  first.assign();
  await first.begin(0);
  expect(await first.waiting()).toEqual([undefined, [0]]);
  await first.fetch(0, 2); // of three
  expect(await first.waiting()).toEqual([
    'partition 0 waiting since 0 s for partitions 1, 2: not claimed yet',
    [1],
  ]);
  await first.begin(1);
  await first.begin(2);
  await notYetThen();
  await first.fetch(1, 1);
  expect(await first.waiting()).toEqual([undefined, [0]]);
  await first.flow.close();

  const second = await serviceOn(broker);
  await second.beginAll();
  await second.fetch(0, 100);
  expect(await second.waiting()).toEqual([
    'partition 0 waiting since 0 s for partition 1: documents of open runs are read again',
    [1],
  ]);
  await second.flow.close();
});

test('it goes on when what it waits for is gone', async () => {
  const { broker, service } = await whereTwoWait();
  broker.ends[2] = 0; // the broker deleted what nobody had read
  service.tick();
  for (let i = 0; i < 10; i += 1) await notYetThen();
  expect([...service.paused]).toEqual([]);
  expect(broker.position(0)).toBe(BigInt(broker.ends[0]!));
  await service.flow.close();
});

test('what waits when the group gives its partitions out again is read again', async () => {
  const { broker, service } = await whereTwoWait();
  await service.beginAll();
  expect([...service.paused]).toEqual([]);
  for (let i = 0; !service.isRead() && i < 100; i += 1) {
    await service.fetch(i % 3, 2000);
    await notYetThen();
  }
  expect(scansOf(broker)).toEqual([...DESCRIPTORS_APART].sort());
  expect(broker.published.filter(({ kind }) => kind === 'dead-letter')).toEqual([]);
  await service.flow.close();
});

test('a run whose stop never comes is published although the first commit of it fails', async () => {
  const documents = runOf(5, 'forgotten').filter(([kind]) => kind !== 'stop');
  const broker = brokerOf([documents.map((document, i) => recordOf(document, i, 0))]);
  const service = await serviceOn(broker);
  await service.beginAll();
  await service.fetch(0, 100);
  service.pass(30 * DAY_MS, 1);
  for (let i = 0; service.assignedAgain.length === 0 && i < 10; i += 1) {
    service.tick();
    await notYetThen();
  }
  expect(service.assignedAgain).toEqual(['again']);
  await service.beginAll();
  await service.fetch(0, 100); // all that there is: nothing more comes
  service.pass(30 * DAY_MS, 0);
  for (let i = 0; scansOf(broker).length === 0 && i < 10; i += 1) {
    service.tick();
    await notYetThen();
  }
  expect(scansOf(broker)).toEqual(['forgotten']);
  await service.flow.close();
});

test('what could not be published is counted as the dead letter that it became', async () => {
  const large = start({ element: 'Fe', sample: 'x'.repeat(LIMIT) }, 'large');
  const documents = [...runOf(5, 'sound'), large, ...runOf(5, 'large').slice(1)];
  const service = await serviceOn(brokerOf([documents.map((document, i) => recordOf(document, i, 0))]));
  await service.beginAll();
  await service.fetch(0, 100);
  const { scans, runs, deadLetters } = service.metrics;
  const sums = [scans, runs, deadLetters].map(async (counter) =>
    (await counter.get()).values.reduce((sum, { value }) => sum + value, 0),
  );
  expect(await Promise.all(sums)).toEqual([1, 4, 1]);
  await service.flow.close();
});

test('a service that is told to end while partitions wait ends', async () => {
  const service = await serviceOn(descriptorsApart());
  await service.beginAll();
  await service.fetch(0, 2000);
  expect([...service.paused]).toEqual([0]);
  expect(service.flow.healthy().ok).toBe(true);
  await service.flow.close();
});
