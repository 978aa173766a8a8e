import { expect, test } from '@jest/globals';
import type { Batch, EachBatchPayload } from 'kafkajs';
import type { Claim } from '../../src/consumers/partition-claims.ts';
import type { ScanHandlers } from '../../src/consumers/scan-handlers.ts';
import { takeBatches } from '../../src/consumers/take-batches.ts';
import { worksOf } from '../../src/consumers/works-of.ts';

/** What is done with batches of partition 3, which begins claimed at offset 5, and what the client is told. */
function takingFrom(process: ScanHandlers['process']) {
  const said: string[] = [];
  const claimed = (): Claim => ({ partition: 3, assignment: 1, topicId: 'a'.repeat(32), next: 5n });
  let claim: Claim | undefined = claimed();
  const tell =
    (what: string) =>
    ([{ partitions = [] } = {}]: readonly { readonly partitions?: number[] }[]) =>
      void said.push(`${what} ${partitions.join()}`);
  const take = takeBatches({
    consumer: { pause: tell('pause'), resume: tell('resume'), seek: () => void said.push('seek') },
    topic: 'documents',
    claims: {
      assigned: () => [3],
      assign() {},
      again() {},
      async claim() {
        said.push('claim');
        return true;
      },
      of: () => claim,
      giveUp(given) {
        if (given !== claim) return false;
        claim = undefined;
        said.push('give up');
        return true;
      },
    },
    standing: {
      wasMadeAnew: () => false,
      of: async () => ({ topicId: '', position: 0n, first: 0n }),
      committed: (_, __, offset) => void said.push(`committed ${offset}`),
      owes: (_, offset) => void said.push(`owes ${offset}`),
      isSettled: () => true,
    },
    inWork: worksOf(),
    besides: 0,
    isStillThere: async () => true,
    sessionTimeoutMs: 1000,
    nowMs: () => 0,
    sleep: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    closing: new AbortController().signal,
    handlers: {
      claim: async () => {},
      process,
      onLost() {},
      onCrash(error) {
        throw error;
      },
      onWarning() {},
    },
  });
  /** Two records from offset 5 on. */
  const batch = {
    ...{ topic: 'documents', partition: 3, fetchedOffset: '5', highWatermark: '9' },
    messages: ['5', '6'].map((offset) => ({ offset, timestamp: '0', key: null, value: null, headers: {} })),
    lastOffset: () => '6',
  } as unknown as Batch;
  const payload = {
    batch,
    heartbeat: async () => {},
    resolveOffset: (offset) => void said.push(`resolve ${offset}`),
    isRunning: () => true,
    isStale: () => false,
  } as Partial<EachBatchPayload> as EachBatchPayload;
  return {
    said,
    take: () => take(payload),
    next: () => claim?.next,
    claimAnew() {
      claim = claimed();
    },
  };
}

/** An answer that is given later. */
function later() {
  let answer: (dealt: boolean) => void = () => {};
  const until = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  return { until, answer: (dealt: boolean) => answer(dealt) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a partition whose batch waits is paused, and goes on behind the batch', async () => {
  const { until, answer } = later();
  const { said, take, next } = takingFrom(async () => ({ until }));
  await take(); // does not wait
  expect(said).toEqual(['pause 3']);
  expect(next()).toBe(5n);
  answer(true);
  await settled();
  expect(said).toEqual(['pause 3', 'committed 7', 'resolve 6', 'resume 3']);
  expect(next()).toBe(7n);
});

test('one that waited in vain is fetched, and so claimed, again', async () => {
  const { until, answer } = later();
  const { said, take } = takingFrom(async () => ({ until }));
  await take();
  answer(false);
  await settled();
  expect(said).toEqual(['pause 3', 'owes 7', 'give up', 'resume 3']);
  await take();
  expect(said.at(-1)).toBe('claim');
});

test.each([true, false])(
  'one that was claimed anew while it waited goes by its new claim (%s)',
  async (dealt) => {
    const { until, answer } = later();
    const { said, take, next, claimAnew } = takingFrom(async () => ({ until }));
    await take();
    claimAnew();
    answer(dealt);
    await settled();
    expect(said).toEqual(['pause 3']);
    expect(next()).toBe(5n);
  },
);

test('a batch that does not wait is neither paused nor resumed', async () => {
  const { said, take, next } = takingFrom(async () => true);
  await take();
  expect(said).toEqual(['committed 7', 'resolve 6']);
  expect(next()).toBe(7n);
});
