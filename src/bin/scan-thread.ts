// A worker thread of the processor: computes batches of records (src/threads/thread-pool.ts starts it).

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../common/clock.ts';
import { isFatal } from '../common/errors.ts';
import { giveWay } from '../threads/give-way.ts';
import { type ChainSettings, openChain } from '../threads/open-chain.ts';
import { type FromThread, packOutcomes, type ToThread, unpackRecords } from '../threads/thread-messages.ts';

const { settings } = workerData as { readonly settings: ChainSettings };
const port = parentPort!;
const say = (message: FromThread, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
const failed = (error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  say({ kind: 'failed', message, isFatal: isFatal(error) });
};

try {
  const onBug = (stage: string, error: unknown) => {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    say({ kind: 'bug', stage, message, stack });
  };
  const chain = await openChain(settings, systemClock.nowMs, onBug, {
    onUnreadable: (standardId, detail) => say({ kind: 'unreadable', standardId, detail }),
  });
  await chain.warmUp();
  // Only now: SIGTERM waits for a start, which is to be quick.
  const refused = giveWay();
  if (refused !== null) say({ kind: 'warning', message: refused });
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
