// A worker thread that reads HDF5 files, a scan at each asking (src/files/hdf5-thread.ts starts it and ends it).

import { parentPort } from 'node:worker_threads';
import type { FromHdf5Thread, ToHdf5Thread } from '../files/hdf5-thread.ts';
import { loadHdf5 } from '../formats/hdf5.ts';
import { type NexusScan, readNexus } from '../formats/nexus.ts';

const port = parentPort!;
const say = (message: FromHdf5Thread) => port.postMessage(message);
let scans: AsyncGenerator<NexusScan> | null = null;

async function answer(asked: ToHdf5Thread): Promise<FromHdf5Thread> {
  try {
    if (asked.kind === 'open') {
      await scans?.return(null); // nobody wanted the rest of it
      scans = readNexus(asked.file, asked.file, asked.options);
    }
    const next = await scans!.next();
    return next.done ? { kind: 'end' } : { kind: 'scan', scan: next.value };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

await loadHdf5();
port.on('message', (asked: ToHdf5Thread) => void answer(asked).then(say));
say({ kind: 'ready' });
