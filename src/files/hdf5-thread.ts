import { statSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { NexusOptions, NexusScan } from '../formats/nexus.ts';
import { startThread } from '../threads/start-thread.ts';

/** Asked one at a time: the first scan of a file, or the next of the same. */
export type ToHdf5Thread =
  | { readonly kind: 'open'; readonly file: string; readonly options: NexusOptions }
  | { readonly kind: 'next' };

export type FromHdf5Thread =
  | { readonly kind: 'ready' | 'end' }
  | { readonly kind: 'scan'; readonly scan: NexusScan }
  | { readonly kind: 'failed'; readonly message: string };

/** The HDF5 files of a run, read on a thread of their own: HDF5 may read a damaged one for ever. */
export type Hdf5Thread = {
  /**
   * Scans of a file, one after the other, each when it is asked for.
   * @throws where no scan comes in time, or the thread dies; the next file is read all the same
   */
  scansOf(file: string, options: NexusOptions): AsyncGenerator<NexusScan>;
  close(): Promise<void>;
};

/** For a scan of a file of 16 MB at the most: so many are read in a second. */
export const READ_SECONDS = 60;
/** A larger file may have so much time for each such part of it, since all its groups are looked at first, */
const PART_BYTES = 16 * 1024 * 1024;
/** and so many times as much at the most. */
const MOST_PARTS = 60;
/** The time is counted in so many parts: a process that slept, or was stopped, loses one of them. */
const TICKS = 20;

const PROGRAM = new URL('../bin/hdf5-thread.ts', import.meta.url);

/**
 * The thread is started with the first file, and another one only where it was ended.
 * @param seconds within which a scan of a small file, or the end of the file, must come
 */
export function hdf5Thread(seconds = READ_SECONDS): Hdf5Thread {
  let running: Worker | null = null;

  async function start(): Promise<Worker> {
    const worker = startThread(PROGRAM);
    running = worker;
    worker.on('exit', () => {
      if (running === worker) running = null;
    });
    await nextOf(worker); // that it is ready
    return worker;
  }

  async function ask(asked: ToHdf5Thread, limitSeconds: number): Promise<FromHdf5Thread> {
    const worker = running ?? (await start());
    worker.ref();
    const answer = nextOf(worker);
    worker.postMessage(asked);
    const ticks = everyTick(limitSeconds, () => void worker.terminate());
    try {
      return await answer;
    } catch (error) {
      if (!ticks.isOver()) throw error;
      throw new Error(
        `no scan of it, nor its end, in ${limitSeconds} s of reading it as HDF5: it is damaged, or needs more time ` +
          'by --read-seconds',
      );
    } finally {
      ticks.stop();
      worker.unref(); // whoever asks no more may forget to close
    }
  }

  return {
    async *scansOf(file, options) {
      const limitSeconds = seconds * partsOf(file);
      let answer = await ask({ kind: 'open', file, options }, limitSeconds);
      while (answer.kind === 'scan') {
        yield answer.scan;
        answer = await ask({ kind: 'next' }, limitSeconds);
      }
      if (answer.kind === 'failed') throw new Error(answer.message);
    },
    async close() {
      await running?.terminate();
    },
  };
}

const partsOf = (file: string): number =>
  Math.min(MOST_PARTS, Math.max(1, Math.ceil(statSync(file).size / PART_BYTES)));

/** The next message of a thread; rejects where the thread ends before. */
function nextOf(worker: Worker): Promise<FromHdf5Thread> {
  return new Promise((resolve, reject) => {
    let cause = new Error('the end of the thread that read it');
    const onError = (error: Error) => {
      cause = new Error(`the end of the thread that read it: ${error.message}`);
    };
    const onExit = () => settle(() => reject(cause));
    const onMessage = (message: FromHdf5Thread) => settle(() => resolve(message));
    const settle = (so: () => void) => {
      worker.off('error', onError).off('exit', onExit).off('message', onMessage);
      so();
    };
    worker.on('error', onError).on('exit', onExit).on('message', onMessage);
  });
}

/** Calls when so many seconds are over in which this process ran. */
function everyTick(seconds: number, onOver: () => void): { isOver(): boolean; stop(): void } {
  let left = TICKS;
  const timer = setInterval(
    () => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      onOver();
    },
    (1000 * seconds) / TICKS,
  );
  return { isOver: () => left <= 0, stop: () => clearInterval(timer) };
}
