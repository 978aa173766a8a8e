// Stands in for src/bin/scan-thread.ts: refuses every record with its own text, and dies where it says so.
import { parentPort, workerData } from 'node:worker_threads';
import { reject } from '../../src/messages/reject.ts';
import {
  type FromThread,
  packOutcomes,
  type ToThread,
  unpackRecords,
} from '../../src/threads/thread-messages.ts';

const { deaths, startsToFail } = workerData.settings as { deaths: Int32Array; startsToFail: number };
const say = (message: FromThread) => parentPort!.postMessage(message);

if (Atomics.add(deaths, 1, 1) < startsToFail) throw new Error('no room');
say({ kind: 'ready', identity: { id: 'none', hash: '', engine: 'none' } });
parentPort!.on('message', (message: ToThread) => {
  if (message.kind === 'close') return parentPort!.close();
  if (message.kind === 'learn') return;
  const records = unpackRecords(message.batch);
  for (const { value } of records) {
    if (String(value) === 'always') process.exit(7);
    if (String(value) === 'once' && Atomics.add(deaths, 0, 1) === 0) throw new Error('out of memory');
  }
  say({
    kind: 'outcomes',
    outcomes: packOutcomes(
      records.map((record) => {
        const because = reject('stage-failed', `Expected ${record.value}`);
        return [{ kind: 'dead-letter', record, scan: null, reject: because }];
      }),
    ),
  });
});
