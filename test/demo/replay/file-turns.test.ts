import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import * as hdf5 from 'h5wasm/node';
import { fileTurns } from '../../../demo/replay/file-turns.ts';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { isReject } from '../../../src/messages/reject.ts';

const folder = temporaryFolder('file-turns');
afterAll(() => folder.remove());

test.each(['given', 'shuffled'] as const)(
  'all turns read HDF5 on one thread, in the order %s',
  async (order) => {
    const file = join(folder.path, `${order}.h5`);
    await hdf5.ready;
    const made = new hdf5.File(file, 'w');
    const entry = made.create_group('entry');
    entry.create_attribute('NX_class', 'NXentry');
    entry.create_dataset({ name: 'definition', data: 'NXxas' });
    entry.create_group('element').create_dataset({ name: 'symbol', data: 'Fe' });
    entry.create_dataset({ name: 'energy', data: Float64Array.of(7100, 7101, 7102, 7103) });
    entry.create_dataset({ name: 'intensity', data: Float64Array.of(1, 2, 3, 4) });
    made.close();

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
