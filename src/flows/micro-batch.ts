import type { Clock } from '../common/clock.ts';

export type MicroBatchPolicy = {
  /** A batch leaves when it holds so many items, */
  readonly maxSize: number;
  /** or when its first item has waited so long, ms. */
  readonly maxWaitMs: number;
  /** So many batches are evaluated at a time; 1 by default. */
  readonly atOnce?: number;
};

/**
 * Turns an evaluator of batches into an evaluator of single items: items that are asked for at about the same time, by
 * whatever partition, share one call. So many calls as the policy says run at a time, so that a slow evaluator holds
 * its callers back instead of piling up work; what arrives meanwhile makes the next batch.
 *
 * An outcome depends on its own item alone: when a shared call fails, its items are tried one by one, and only those
 * that fail alone are rejected with their error. `evaluate` must answer with as many results as it got items.
 */
export function microBatch<Item, Result>(
  evaluate: (items: readonly Item[]) => Promise<readonly Result[]>,
  policy: MicroBatchPolicy,
  clock: Clock,
  onBatch: (size: number, waitedMs: number) => void = () => {},
): (item: Item) => Promise<Result> {
  if (!Number.isInteger(policy.maxSize) || policy.maxSize < 1) {
    throw new RangeError(`Expected maxSize to be an integer >= 1, got ${policy.maxSize}`);
  }
  if (!(policy.maxWaitMs >= 0))
    throw new RangeError(`Expected maxWaitMs to be >= 0, got ${policy.maxWaitMs}`);

  type Waiting = {
    item: Item;
    sinceMs: number;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  };
  let waiting: Waiting[] = [];
  const { atOnce = 1 } = policy;
  const running = new Set<Promise<void>>();
  let draining = false;
  let wake = new AbortController();

  async function drain(): Promise<void> {
    draining = true;
    while (waiting.length > 0) {
      while (running.size >= atOnce) await Promise.race(running);
      const untilNextMs = waiting[0]!.sinceMs + policy.maxWaitMs - clock.nowMs();
      if (waiting.length < policy.maxSize && untilNextMs > 0) {
        wake = new AbortController();
        await clock.sleep(untilNextMs, wake.signal);
      }
      const batch = waiting.slice(0, policy.maxSize);
      waiting = waiting.slice(policy.maxSize);
      onBatch(batch.length, clock.nowMs() - batch[0]!.sinceMs);
      const settled: Promise<void> = settle(batch).then(() => void running.delete(settled));
      running.add(settled);
    }
    draining = false;
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await evaluate(batch.map(({ item }) => item));
      if (results.length !== batch.length) {
        throw new Error(`Expected ${batch.length} results from the evaluator, got ${results.length}`);
      }
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const single of batch) await settle([single]);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, sinceMs: clock.nowMs(), resolve, reject });
      // A reason given spares the making of an error with its stack.
      if (waiting.length >= policy.maxSize) wake.abort('full');
      if (!draining) void drain();
    });
}
