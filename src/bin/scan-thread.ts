// A worker thread of the processor: computes batches of records (src/threads/thread-pool.ts starts it).

import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../common/clock.ts';
import { isFatal } from '../common/errors.ts';
import { type ChainSettings, openChain } from '../threads/open-chain.ts';
import { type FromThread, packOutcomes, type ToThread, unpackRecords } from '../threads/thread-messages.ts';

/** Added to the niceness of the process: docs/performance.md says what that brings. */
const GIVES_WAY = 5;
const LEAST_PRIORITY = constants.priority.PRIORITY_LOW;

const { settings } = workerData as { readonly settings: ChainSettings };
const port = parentPort!;
const say = (message: FromThread, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
const failed = (error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  say({ kind: 'failed', message, isFatal: isFatal(error) });
};

// Where cores are short, the thread that speaks Kafka goes first. Elsewhere than on Linux this would be the process's.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + GIVES_WAY, LEAST_PRIORITY));

try {
  const onBug = (stage: string, error: unknown) => {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    say({ kind: 'bug', stage, message, stack });
  };
  const chain = await openChain(settings, systemClock.nowMs, onBug, {
    onUnreadable: (standardId, detail) => say({ kind: 'unreadable', standardId, detail }),
  });
  await chain.warmUp();
  let before = Promise.resolve();
  port.on('message', (message: ToThread) => {
    // One after the other, so that answers come in the order of the batches.
    before = before.then(async () => {
      if (message.kind === 'close') {
        await chain.close();
        port.close();
        return;
      }
      if (message.kind === 'learn') {
        chain.learn(message.knowledge);
        return;
      }
      try {
        const outcomes = packOutcomes(await chain.run(unpackRecords(message.batch)));
        say({ kind: 'outcomes', outcomes }, [outcomes.bytes]);
      } catch (error) {
        failed(error);
      }
    });
  });
  say({ kind: 'ready', identity: chain.identity });
} catch (error) {
  failed(error);
}
