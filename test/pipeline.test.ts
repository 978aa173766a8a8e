import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { FatalError } from '../src/common/errors.ts';
import { groupActivity } from '../src/consumers/group-activity.ts';
import type { PartitionBatch, ScanHandlers } from '../src/consumers/scan-handlers.ts';
import type { ScanSource } from '../src/consumers/scan-source.ts';
import { microBatch } from '../src/flows/micro-batch.ts';
import { partitionsReferences } from '../src/knowledge/chain-knowledge.ts';
import { partitionReferences } from '../src/knowledge/partition-references.ts';
import type { Outcome } from '../src/messages/outcome.ts';
import type { ModelIdentity } from '../src/messages/prediction.ts';
import { reject } from '../src/messages/reject.ts';
import type { KeptReference } from '../src/messages/standard.ts';
import { type PipelineParts, pipeline } from '../src/pipeline.ts';
import { outcomeRecord } from '../src/producers/outcome-record.ts';
import { DEFAULT_LIMITS, type SizeLimits } from '../src/producers/size-limits.ts';
import { createMetrics } from '../src/runtime/telemetry.ts';
import { type ScanChainParts, scanChain } from '../src/scan-chain.ts';
import { NO_STANDARDS } from '../src/standards/standards-reader.ts';
import type { Compute } from '../src/threads/compute.ts';
import { modelsInUse } from '../src/threads/models-in-use.ts';
import { decodeDescriptors, encodeDescriptors } from '../src/wire/descriptors-codec.ts';
import { decodeScan } from '../src/wire/scan-codec.ts';
import { manualClock, settled } from './manual-clock.ts';
import { exampleJudged, exampleRecord } from './producers/example-outcomes.ts';

const example = exampleJudged(0);
const TOPICS = { descriptorsTopic: 'descriptors', deadLettersTopic: 'letters' };

/** The flow between a source and a publisher that are played by the test. */
function flowOf(
  {
    decode = decodeScan,
    split = (scan) => [scan],
    prepare = () => example.prepared,
    model = {
      identity: example.model,
      predict: async (inputs) => inputs.map(() => ({ outputs: {}, embedding: new Float32Array() })),
      warmUp: async () => {},
    },
    gate = () => example.judgement,
    restored = [],
    ...changes
  }: Partial<PipelineParts & ScanChainParts & { readonly restored: readonly KeptReference[] }> = {},
  commitAnswers: ('committed' | 'fenced' | Error)[] = [],
  limits: SizeLimits = DEFAULT_LIMITS,
) {
  const clock = manualClock();
  const metrics = createMetrics();
  const activity = groupActivity(clock.nowMs, 30_000);
  const committed: {
    partition: number;
    outcomes: readonly Outcome[];
    nextOffset: bigint;
    references: readonly KeptReference[];
  }[] = [];
  const order: string[] = [];
  const fatal: Error[] = [];
  let handlers: ScanHandlers | undefined;
  const source: ScanSource = {
    start: async (given) => {
      handlers = given;
    },
    assigned: () => [0],
    claimAgain: () => {},
    assignAgain: () => {},
    close: async () => void order.push('source'),
  };
  const computeOf = (identity: ModelIdentity): Compute => {
    const known = partitionsReferences();
    return {
      ...{ identity, threads: 0, learn: known.learn, warmUp: () => model.warmUp([1]) },
      run: scanChain({
        ...{ decode, split, prepare, model: { ...model, identity }, gate, encode: encodeDescriptors },
        place: () => null,
        ...{ readStandards: async () => NO_STANDARDS, reference: known.of },
        ...{ nowMs: clock.nowMs, onBug: () => {} },
      }),
      close: async () => void order.push(`model ${identity.hash}`),
    };
  };
  const models = modelsInUse({
    first: computeOf(model.identity),
    batched: (run) => microBatch(run, { maxSize: 2, maxWaitMs: 5 }, clock),
    onError: (error) => void fatal.push(error as Error),
  });
  const flow = pipeline({
    source,
    models,
    publisher: {
      claim: async () => {},
      connectionLost: () => {},
      async commit(partition, outcomes, { offset: nextOffset }, references) {
        const answer = commitAnswers.shift() ?? 'committed';
        if (answer instanceof Error) throw answer;
        if (answer === 'fenced') return answer;
        committed.push({ partition, outcomes, nextOffset, references });
        return outcomes.map((each) => outcomeRecord(each, TOPICS, limits, 0).outcome);
      },
      close: async () => void order.push('publisher'),
    },
    standards: { whole: async () => {}, readiness: () => ({ ok: true, detail: {} }) },
    schemas: { settle: async () => new Map(), readiness: () => ({ ok: true, detail: {} }) },
    references: partitionReferences({ readBack: async () => restored }),
    activity,
    clock,
    metrics,
    logger: pino({ level: 'silent' }),
    onFatal: (error) => void fatal.push(error),
    ...changes,
  });
  const batchOf = (offsets: readonly number[], partition = 0): PartitionBatch => ({
    partition,
    records: offsets.map((offset) => exampleRecord(offset)),
    nextOffset: BigInt(offsets.at(-1)! + 1),
    offsetMetadata: `topic:${'0'.repeat(32)}`,
    lag: 7,
  });
  const run = async (batch: PartitionBatch) => {
    await flow.start();
    await handlers!.claim(batch.partition);
    const result = handlers!.process(batch);
    // Records that are worked one by one wait for their micro-batches, and a failed commit for its pause.
    for (let i = 0; i < 20; i += 1) {
      for (let k = 0; k < 5; k += 1) await settled();
      await clock.advance(i === 0 ? 5 : 300);
    }
    return result;
  };
  const swap = (hash: string) => models.swap(computeOf({ ...model.identity, hash }));
  return {
    flow,
    run,
    batchOf,
    swap,
    clock,
    metrics,
    activity,
    handlers: () => handlers!,
    committed,
    order,
    fatal,
  };
}

const kinds = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.kind === 'descriptors' ? 'descriptors' : outcome.reject.reason));

describe('pipeline', () => {
  test('a batch comes out whole, in order, with its next offset', async () => {
    const { run, batchOf, committed, metrics } = flowOf();
    expect(await run(batchOf([3, 4, 6]))).toBe(true);
    expect(committed).toHaveLength(1);
    expect(committed[0]).toMatchObject({ partition: 0, nextOffset: 7n });
    expect(committed[0]!.outcomes.map(({ record }) => record.offset)).toEqual([3n, 4n, 6n]);
    expect((await metrics.lag.get()).values).toMatchObject([{ labels: { partition: 0 }, value: 7 }]);
    expect((await metrics.inWork.get()).values[0]!.value).toBe(0);
  });

  test('each record has its own outcome: a reject at any stage, and a stage that throws, leave the others alone', async () => {
    const sequence = (scan: { sequence: number }) => scan.sequence;
    const { run, batchOf, committed } = flowOf({
      decode: (record) => (record.offset === 0n ? reject('malformed-avro', 'no') : decodeScan(record)),
      prepare: (scan) => {
        if (sequence(scan) === 1) return reject('dead-channel', 'no');
        if (sequence(scan) === 2) throw new RangeError('Invalid typed array length: Infinity');
        return { ...example.prepared, input: { ...example.prepared.input, element: String(sequence(scan)) } };
      },
      model: {
        identity: example.model,
        warmUp: async () => {},
        predict: async (inputs) => {
          if (inputs.some(({ element }) => element === '3')) throw new Error('NaN');
          return inputs.map(() => ({ outputs: {}, embedding: new Float32Array() }));
        },
      },
      gate: ({ input }) => {
        if (input.element === '4') throw new TypeError('a bug');
        return example.judgement;
      },
    });
    expect(await run(batchOf([0, 1, 2, 3, 4, 5]))).toBe(true);
    expect(kinds(committed[0]!.outcomes)).toEqual([
      'malformed-avro',
      'dead-channel',
      'stage-failed',
      'prediction-failed',
      'stage-failed',
      'descriptors',
    ]);
  });

  test('a model that cannot evaluate its own example is fatal, and nothing is published', async () => {
    let warm = false;
    const { run, batchOf, committed, fatal } = flowOf({
      model: {
        identity: example.model,
        predict: () => Promise.reject(new Error('out of memory')),
        warmUp: async () => {
          if (warm) throw new Error('out of memory');
          warm = true;
        },
      },
    });
    expect(await run(batchOf([0]))).toBe(false);
    expect(fatal).toEqual([expect.any(FatalError)]);
    expect(committed).toEqual([]);
  });

  test('fenced: the batch is given up without an error', async () => {
    const { run, batchOf, fatal, metrics } = flowOf({}, ['fenced']);
    expect(await run(batchOf([0, 1]))).toBe(false);
    expect(fatal).toEqual([]);
    expect((await metrics.fenced.get()).values[0]!.value).toBe(1);
    const counted = (await metrics.scans.get()).values.map(({ value }) => value);
    expect(counted).toEqual([0, 0]); // only what was committed counts
  });

  test('descriptors that their topic does not take are counted as the dead letter that they became', async () => {
    const limits = { ...DEFAULT_LIMITS, recordBytes: new Map([['descriptors', 500]]) };
    const { run, batchOf, metrics } = flowOf({}, [], limits);
    expect(await run(batchOf([0, 1]))).toBe(true);
    const counted = (await metrics.scans.get()).values.map(({ labels, value }) => [labels.outcome, value]);
    expect(Object.fromEntries(counted)).toEqual({ descriptors: 0, 'dead-letter': 2 });
    const letters = (await metrics.deadLetters.get()).values.filter(({ value }) => value > 0);
    expect(letters).toMatchObject([{ labels: { reason: 'result-too-large' }, value: 2 }]);
    expect((await metrics.verdicts.get()).values).toEqual([]);
  });

  test('what was not committed counts as behind, and no longer when the partition is given away', async () => {
    const { run, batchOf, handlers, metrics } = flowOf({}, [new Error('away')]);
    const behind = async () => (await metrics.lag.get()).values.map(({ value }) => value);
    expect(await run(batchOf([0, 1]))).toBe(false);
    expect(await behind()).toEqual([9]);
    expect(await run(batchOf([0, 1]))).toBe(true);
    expect(await behind()).toEqual([7]);
    handlers().onAssigned!([]);
    expect(await behind()).toEqual([]);
  });

  test('a broker error: the batch is read again after a pause that grows', async () => {
    const { flow, batchOf, run, clock } = flowOf({}, [new Error('away'), new Error('away')]);
    const committed: Awaited<ReturnType<ScanHandlers['process']>>[] = [];
    for (const pauseMs of [100, 200]) {
      const result = run(batchOf([0, 1])).then((answer) => committed.push(answer));
      for (let i = 0; i < 10; i += 1) await settled();
      await clock.advance(pauseMs - 10);
      const early = committed.length;
      await clock.advance(20);
      await result;
      expect(committed.length - early).toBe(1);
    }
    expect(committed).toEqual([false, false]);
    expect(await run(batchOf([0, 1]))).toBe(true);
    await flow.close();
  });

  test('a record whose outcome cannot be committed becomes a pointer to it, and those behind it come out', async () => {
    const committed: [bigint, string[]][] = [];
    const poisoned = 1n;
    const { run, batchOf } = flowOf({
      publisher: {
        claim: async () => {},
        connectionLost: () => {},
        async commit(_, outcomes, { offset: nextOffset }) {
          const poison = outcomes.find(({ record }) => record.offset === poisoned);
          const value = poison?.record.value ?? null;
          if (value !== null) throw new RangeError('out of range: nobody foresaw this');
          committed.push([nextOffset, kinds(outcomes)]);
          return outcomes;
        },
        close: async () => {},
      },
    });
    // As the source does: what was not committed is fetched again.
    for (let tries = 0; tries < 20 && !committed.some(([next]) => next === 4n); tries += 1) {
      const from = Number(committed.at(-1)?.[0] ?? 0n);
      await run(batchOf([0, 1, 2, 3].filter((offset) => offset >= from)));
    }
    expect(committed).toEqual([
      [1n, ['descriptors']],
      [2n, ['not-publishable']],
      [3n, ['descriptors']],
      [4n, ['descriptors']],
    ]);
  });

  test('a missing right is fatal', async () => {
    const denied = Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    const { run, batchOf, fatal } = flowOf({}, [denied]);
    expect(await run(batchOf([0]))).toBe(false);
    expect(fatal).toEqual([denied]);
  });

  test('unhealthy when a batch has been in work for a minute', async () => {
    const { flow, run, batchOf, clock } = flowOf({
      publisher: {
        claim: async () => {},
        connectionLost: () => {},
        commit: () => new Promise(() => {}),
        close: async () => {},
      },
    });
    void run(batchOf([0]));
    for (let i = 0; i < 20; i += 1) await settled();
    await clock.advance(59_000);
    expect(flow.healthy().ok).toBe(true);
    await clock.advance(2000);
    expect(flow.healthy().ok).toBe(false);
  });

  test('ready once it is in the group and something has succeeded, and not when commits fail for half a minute', async () => {
    const { flow, run, batchOf, activity, clock } = flowOf({}, [
      'committed',
      ...Array.from({ length: 9 }, () => new Error('no coordinator')),
    ]);
    expect(flow.ready()).toMatchObject({ ok: false, detail: { reason: 'the model is warming up' } });
    await flow.start();
    expect(flow.ready()).toMatchObject({ ok: false, detail: { reason: expect.stringMatching(/group/) } });
    activity.joined(['0']);
    await run(batchOf([0]));
    expect(flow.ready().ok).toBe(true);
    for (let i = 1; i < 10; i += 1) {
      await run(batchOf([i]));
      activity.succeeded('fetch');
      activity.settled('0', 'claim');
    }
    const waited = flow.ready();
    expect(waited).toMatchObject({
      ok: false,
      detail: { reason: expect.stringMatching(/partition 0 .*coordinator/) },
    });
    await clock.advance(0);
  });

  test('offsets that were deleted unread are counted', async () => {
    const { flow, handlers, metrics } = flowOf();
    await flow.start();
    handlers().onLost(2, 10n, 25n);
    expect((await metrics.lost.get()).values[0]!.value).toBe(15);
  });

  test('closes in the order of the flow, and is not ready any more', async () => {
    const { flow, order } = flowOf();
    await flow.start();
    await flow.close();
    expect(order).toEqual(['source', 'publisher']);
    expect(flow.ready().ok).toBe(false);
  });
});

describe('a batch that is handed over while the one before it is in work', () => {
  /** Commits end when the test says so. */
  function heldCommits() {
    const asked: bigint[] = [];
    const answers: ((answer: 'committed' | Error) => void)[] = [];
    const publisher: PipelineParts['publisher'] = {
      claim: async () => {},
      connectionLost: () => {},
      commit: (_, outcomes, { offset }) => {
        asked.push(offset);
        return new Promise((resolve, reject) =>
          answers.push((answer) => (answer === 'committed' ? resolve(outcomes) : reject(answer))),
        );
      },
      close: async () => {},
    };
    return { publisher, asked, answers };
  }

  async function pass({ clock }: ReturnType<typeof flowOf>, ms = 5): Promise<void> {
    for (let i = 0; i < 20; i += 1) await settled();
    await clock.advance(ms);
    for (let i = 0; i < 20; i += 1) await settled();
  }

  /** Two batches of two records each, both computed. */
  async function twoInWork(flow: ReturnType<typeof flowOf>): Promise<ReturnType<ScanHandlers['process']>[]> {
    await flow.flow.start();
    await flow.handlers().claim(0);
    const batches = [flow.batchOf([0, 1]), flow.batchOf([2, 3])];
    const dealt = batches.map((batch) => flow.handlers().process(batch));
    await pass(flow);
    await pass(flow);
    return dealt;
  }

  test('is computed meanwhile, and committed behind it', async () => {
    const { publisher, asked, answers } = heldCommits();
    const prepared: number[] = [];
    const prepare = ({ sequence }: { readonly sequence: number }) => {
      prepared.push(sequence);
      return example.prepared;
    };
    const flow = flowOf({ publisher, prepare });
    const [first, second] = await twoInWork(flow);
    const behind = async () => (await flow.metrics.lag.get()).values.map(({ value }) => value);
    expect(prepared).toEqual([0, 1, 2, 3]);
    expect([asked, await behind()]).toEqual([[2n], [11]]); // 7 lie behind the four in work
    answers[0]!('committed');
    await pass(flow);
    expect([await first, asked, await behind()]).toEqual([true, [2n, 4n], [9]]);
    answers[1]!('committed');
    expect(await second).toBe(true);
  });

  test('is not committed where that one was not, until the partition is claimed again', async () => {
    const { publisher, asked, answers } = heldCommits();
    const flow = flowOf({ publisher });
    const [first, second] = await twoInWork(flow);
    answers[0]!(new Error('away'));
    await pass(flow, 200);
    expect(await Promise.all([first, second])).toEqual([false, false]);
    expect(asked).toEqual([2n]);
    expect((await flow.metrics.retries.get()).values[0]!.value).toBe(1);
    await flow.handlers().claim(0);
    const again = flow.handlers().process(flow.batchOf([0, 1, 2, 3]));
    await pass(flow);
    await pass(flow);
    answers[1]!('committed');
    expect([await again, asked]).toEqual([true, [2n, 4n]]);
  });

  test('is not taken for one that hangs because it waits', async () => {
    const { publisher, answers } = heldCommits();
    const flow = flowOf({ publisher });
    await flow.flow.start();
    await flow.handlers().claim(0);
    void flow.handlers().process(flow.batchOf([0]));
    void flow.handlers().process(flow.batchOf([1]));
    await pass(flow, 50_000);
    answers[0]!('committed');
    await pass(flow, 20_000);
    expect(flow.flow.healthy().ok).toBe(true);
    await pass(flow, 40_001);
    expect(flow.flow.healthy().ok).toBe(false);
  });
});

describe('another model', () => {
  const hashes = (outcomes: readonly Outcome[]) =>
    outcomes.map((outcome) =>
      outcome.kind === 'descriptors' ? decodeDescriptors(outcome.value).model.hash : outcome.reject.reason,
    );

  test('in the middle of a transaction: that one is of the former model, which then closes; the next of the new one', async () => {
    let gated = 0;
    const { run, batchOf, swap, committed, order } = flowOf({
      gate() {
        gated += 1;
        if (gated === 3) swap('new'); // five scans are three micro-batches
        return example.judgement;
      },
    });
    await run(batchOf([0, 1, 2, 3, 4]));
    expect(hashes(committed[0]!.outcomes)).toEqual(Array(5).fill(example.model.hash));
    expect(order).toEqual([`model ${example.model.hash}`]);
    await run(batchOf([5, 6]));
    expect(hashes(committed[1]!.outcomes)).toEqual(['new', 'new']);
    expect(committed.map(({ nextOffset }) => nextOffset)).toEqual([5n, 7n]);
  });

  test('while nothing is in work: the former one closes at once, and readiness names the new one', async () => {
    const { flow, swap, order } = flowOf();
    swap('new');
    await settled();
    expect(order).toEqual([`model ${example.model.hash}`]);
    expect(flow.ready().detail).toMatchObject({ model: { hash: 'new' } });
  });
});

describe('the reference of a run', () => {
  const READING = { meanOxidationState: 3, sigma: 0.2, halfEdgeEv: 7720 };
  const TOPIC = `topic:${'0'.repeat(32)}`;
  /** Accepts scans from number `first` on, and says in the advice what a scan was compared with. */
  const gateFrom = (first: number): ScanChainParts['gate'] => {
    return ({ input }, _, { reference }) => {
      const accepted = Number(input.element) >= first;
      return {
        ...example.judgement,
        adviceReason: reference?.scanId ?? 'nothing',
        reference: accepted && reference === null ? READING : null,
      };
    };
  };
  const numbered: ScanChainParts['prepare'] = ({ sequence }) => {
    return { ...example.prepared, input: { ...example.prepared.input, element: String(sequence) } };
  };
  const comparisons = (outcomes: readonly Outcome[]) =>
    outcomes.map((outcome) =>
      outcome.kind === 'descriptors' ? decodeDescriptors(outcome.value).adviceReason : outcome.reject.reason,
    );

  test('is its first accepted scan, also where the batch was computed side by side, and is committed with it', async () => {
    const { run, batchOf, committed, metrics } = flowOf({ prepare: numbered, gate: gateFrom(2) });
    await run(batchOf([0, 1, 2, 3, 4, 5]));
    expect(comparisons(committed[0]!.outcomes)).toEqual([
      ...['nothing', 'nothing', 'nothing'],
      ...['sample/2', 'sample/2', 'sample/2'],
    ]);
    const { scanId, runId, sampleId, element, edge } = exampleJudged(2).scan;
    const reference = { scanId, runId, sampleId, element, edge, ...READING };
    expect(committed[0]!.references).toEqual([
      { reference, modelHash: example.model.hash, scansTopic: TOPIC, offset: 2n },
    ]);
    expect((await metrics.references.get()).values[0]!.value).toBe(1);
  });

  test('stays what it was after the partition is claimed anew, for scans behind it and this model alone', async () => {
    const { scanId, runId, sampleId, element, edge } = { ...exampleJudged(2).scan, scanId: 'kept' };
    const reference = { scanId, runId, sampleId, element, edge, ...READING };
    const kept = { reference, modelHash: example.model.hash, scansTopic: TOPIC, offset: 3n };
    const of = async (restored: readonly KeptReference[]) => {
      const { run, batchOf, committed } = flowOf({ prepare: numbered, gate: gateFrom(9), restored });
      await run(batchOf([2, 3, 4, 5]));
      return comparisons(committed[0]!.outcomes);
    };
    expect(await of([kept])).toEqual(['nothing', 'nothing', 'kept', 'kept']);
    expect(await of([{ ...kept, modelHash: 'another' }])).toEqual(Array(4).fill('nothing'));
    expect(await of([{ ...kept, scansTopic: 'topic:1' }])).toEqual(Array(4).fill('nothing'));
  });

  test('is a new one of a new model, and another of the former one when that comes back', async () => {
    const { run, batchOf, swap, committed } = flowOf({ prepare: numbered, gate: gateFrom(2) });
    const of = async (offsets: readonly number[]) => {
      await run(batchOf(offsets));
      return comparisons(committed.at(-1)!.outcomes);
    };
    expect(await of([2, 3])).toEqual(['nothing', 'sample/2']);
    swap('new');
    expect(await of([4, 5])).toEqual(['nothing', 'sample/4']);
    expect(committed.at(-1)!.references).toMatchObject([{ modelHash: 'new', offset: 4n }]);
    // As who reads the topic back, which keeps the last reference of a run.
    swap(example.model.hash);
    expect(await of([6, 7])).toEqual(['nothing', 'sample/6']);
  });

  test('of a batch that is not committed is none', async () => {
    const parts = { prepare: numbered, gate: gateFrom(2) };
    const { run, batchOf, committed } = flowOf(parts, [new Error('the broker is away')]);
    expect(await run(batchOf([2, 3]))).toBe(false);
    expect(await run(batchOf([2, 3]))).toBe(true); // claimed and fetched again
    expect(comparisons(committed[0]!.outcomes)).toEqual(['nothing', 'sample/2']);
    expect(committed[0]!.references.map(({ offset }) => offset)).toEqual([2n]);
  });
});
