import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fileTurns } from '../../../demo/replay/file-turns.ts';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { isReject } from '../../../src/messages/reject.ts';
import { hdf5File } from '../../formats/hdf5-file.ts';

const folder = temporaryFolder('file-turns');
afterAll(() => folder.remove());

test.each(['given', 'shuffled'] as const)(
  'all turns read HDF5 on one thread, in the order %s',
  async (order) => {
    const file = await hdf5File(join(folder.path, `${order}.h5`), {
      entry: {
        ...{ '@NX_class': 'NXentry', definition: 'NXxas', element: { symbol: 'Fe' } },
        energy: Float64Array.of(7100, 7101, 7102, 7103),
        intensity: Float64Array.of(1, 2, 3, 4),
      },
    });

    let threads = 0;
    const onThread = () => {
      threads += 1;
    };
    subscribe('worker_threads', onThread);
    const stop = new AbortController();
    const read: string[] = [];
    const options = { order, seed: 1, repeat: true, files: {} };
    for await (const { scans } of fileTurns([file, file], options, stop.signal)) {
      for await (const { scan } of scans) read.push(isReject(scan) ? scan.detail : scan.element);
      if (read.length >= 6) stop.abort();
    }
    unsubscribe('worker_threads', onThread);
    expect(read).toEqual(['Fe', 'Fe', 'Fe', 'Fe', 'Fe', 'Fe']);
    expect(threads).toBe(1);
  },
);

test('files are read once where they are not to be repeated, and not at all after the signal', async () => {
  const turnsOf = async (signal: AbortSignal) => {
    let turns = 0;
    const options = { order: 'given', seed: 1, repeat: false, files: {} } as const;
    for await (const _ of fileTurns([], options, signal)) turns += 1;
    return turns;
  };
  expect(await turnsOf(new AbortController().signal)).toBe(1);
  expect(await turnsOf(AbortSignal.abort())).toBe(0);
});
