import type { Worker } from 'node:worker_threads';
import { FatalError } from '../common/errors.ts';
import type { Knowledge } from '../knowledge/chain-knowledge.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { OutcomesOfRecord, ScanChain } from '../scan-chain.ts';
import type { ChainSettings } from './open-chain.ts';
import { startThread } from './start-thread.ts';
import { type FromThread, packRecords, type ToThread, unpackOutcomes } from './thread-messages.ts';

export type ThreadPoolOptions = {
  readonly threads: number;
  readonly settings: ChainSettings;
  /** A stage of the chain threw on a scan. */
  readonly onBug: (stage: string, error: unknown) => void;
  readonly onUnreadable?: (standardId: string, detail: string) => void;
  /** Something is not as it should be, and a thread goes on. */
  readonly onWarning?: (message: string) => void;
  /** All that a thread must be told that begins now. */
  readonly known?: () => readonly Knowledge[];
  /** A thread died, and another takes its place. */
  readonly onDeath: (error: Error) => void;
  /** What runs in a thread; tests put others in. */
  readonly program?: URL;
};

export type ThreadPool = {
  readonly identity: ModelIdentity;
  readonly threads: number;
  readonly run: ScanChain;
  /** Tells every thread. */
  learn(knowledge: Knowledge): void;
  /** Lets batches in work end. */
  close(): Promise<void>;
};

type Task = {
  readonly records: readonly SourceRecord[];
  readonly resolve: (outcomes: readonly OutcomesOfRecord[]) => void;
  readonly reject: (error: Error) => void;
  deaths: number;
};

/** One that computes and one that waits, so that a thread has its next batch at once. */
export const BATCHES_PER_THREAD = 2;
/** Room for what a few batches leave behind: with V8's 48 MB a tenth of the time went to collecting garbage. */
const YOUNG_MB = 192;
/** A batch in whose presence so many threads died is given up. */
const MOST_DEATHS = 2;
/** So many threads in a row that die before they are ready: no other will be. */
const MOST_FAILED_STARTS = 3;

type Thread = {
  readonly worker: Worker;
  readonly tasks: Task[];
  readonly ready: Promise<ModelIdentity>;
};

/**
 * The chain on threads of their own: each opens the model for itself, is sent batches of records and answers with
 * outcomes. Buffers are moved, not copied. A thread that dies is replaced, and its batches are computed again; one in
 * whose presence a thread died twice is rejected, and whoever asked may try its records one by one.
 * @throws FatalError where the model cannot be opened
 */
export async function threadPool(options: ThreadPoolOptions): Promise<ThreadPool> {
  const { settings, onBug, onUnreadable = () => {}, onDeath, known = () => [] } = options;
  const { onWarning = () => {} } = options;
  const { program = new URL('../bin/scan-thread.ts', import.meta.url) } = options;
  const threads: Thread[] = [];
  const waiting: Task[] = [];
  let failedStarts = 0;
  let closing = false;
  let broken: Error | null = null;

  function start(): Thread {
    const worker = startThread(program, { settings }, { maxYoungGenerationSizeMb: YOUNG_MB });
    for (const knowledge of known()) tell(worker, knowledge);
    const tasks: Task[] = [];
    let isReady = false;
    const ready = new Promise<ModelIdentity>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') {
          isReady = true;
          failedStarts = 0;
          resolve(message.identity);
        } else if (message.kind === 'bug') {
          onBug(message.stage, Object.assign(new Error(message.message), { stack: message.stack }));
        } else if (message.kind === 'warning') {
          onWarning(message.message);
        } else if (message.kind === 'unreadable') {
          onUnreadable(message.standardId, message.detail);
        } else if (message.kind === 'failed' && !isReady) {
          reject(asError(message));
        } else {
          const task = tasks.shift()!;
          if (message.kind === 'failed') task.reject(asError(message));
          else task.resolve(unpackOutcomes(message.outcomes, task.records));
          dispatch();
        }
      });
      let cause = new Error('Expected a worker thread to go on, got its end');
      worker.on('error', (error: Error) => {
        cause = error;
      });
      worker.on('exit', () => {
        reject(cause);
        if (closing) return;
        onDeath(cause);
        if (!isReady) failedStarts += 1;
        replace(thread, cause);
      });
    });
    ready.catch(() => {}); // whoever starts the pool hears of it, a replacement's by its exit
    const thread = { worker, tasks, ready };
    return thread;
  }

  function replace(dead: Thread, cause: Error): void {
    threads.splice(threads.indexOf(dead), 1);
    if (failedStarts >= MOST_FAILED_STARTS) {
      broken = new FatalError(`Expected a worker thread to start, got the error: ${cause.message}`);
      for (const task of [...dead.tasks, ...waiting.splice(0)]) task.reject(broken);
      return;
    }
    for (const task of dead.tasks.reverse()) {
      task.deaths += 1;
      if (task.deaths < MOST_DEATHS) waiting.unshift(task);
      else
        task.reject(
          new Error(`Expected a batch of ${task.records.length} scans to be computed, got: ${cause}`),
        );
    }
    threads.push(start());
    dispatch();
  }

  function dispatch(): void {
    while (waiting.length > 0) {
      const free = threads.reduce(
        (least, each) => (each.tasks.length < least.tasks.length ? each : least),
        threads[0]!,
      );
      if (free === undefined || free.tasks.length >= BATCHES_PER_THREAD) return;
      const task = waiting.shift()!;
      free.tasks.push(task);
      const batch = packRecords(task.records);
      free.worker.postMessage({ kind: 'batch', batch } satisfies ToThread, [batch.bytes]);
    }
  }

  async function end({ worker }: Thread): Promise<void> {
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ kind: 'close' } satisfies ToThread);
    const timer = setTimeout(() => void worker.terminate(), CLOSE_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  const first = start();
  threads.push(first);
  try {
    const identity = await first.ready;
    const count = inOneProcessOnce(identity.engine) ? 1 : options.threads;
    for (let i = 1; i < count; i += 1) threads.push(start());
    await Promise.all(threads.map(({ ready }) => ready));
    return {
      identity,
      threads: count,
      run: (records) =>
        new Promise((resolve, reject) => {
          if (broken !== null) return reject(broken);
          waiting.push({ records, resolve, reject, deaths: 0 });
          dispatch();
        }),
      learn(knowledge) {
        for (const { worker } of threads) tell(worker, knowledge);
      },
      async close() {
        closing = true;
        await Promise.all(threads.map(end));
      },
    };
  } catch (error) {
    closing = true;
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    throw error;
  }
}

const tell = (worker: Worker, knowledge: Knowledge): void =>
  worker.postMessage({ kind: 'learn', knowledge } satisfies ToThread);

/** A GPU is one, and TensorFlow's binding serves one thread. */
const inOneProcessOnce = (engine: string): boolean =>
  engine.startsWith('tfjs-node') || engine === 'onnxruntime-webgpu' || engine === 'onnxruntime-cuda';

const CLOSE_WITHIN_MS = 2_000;

const asError = ({ message, isFatal }: Extract<FromThread, { kind: 'failed' }>): Error =>
  isFatal ? new FatalError(message) : new Error(message);
