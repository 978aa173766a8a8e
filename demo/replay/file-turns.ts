import { hdf5Thread } from '../../src/files/hdf5-thread.ts';
import { type FileScan, readScanFiles } from '../../src/files/scan-files.ts';
import type { FileReplayOptions } from './file-options.ts';
import { inOrder } from './in-order.ts';
import { type Random, random } from './random.ts';

/** One reading of all files. */
type Turn = {
  readonly scans: AsyncIterable<FileScan> | Iterable<FileScan>;
  /** Of the order of this turn, and for its jitter. */
  readonly chance: Random;
};

/** Reads files once, or over and over until the signal; those of HDF5 on one thread, which takes a second to start. */
export async function* fileTurns(
  named: readonly string[],
  { order, seed, repeat, files }: Pick<FileReplayOptions, 'order' | 'seed' | 'repeat' | 'files'>,
  signal: AbortSignal,
): AsyncGenerator<Turn> {
  const hdf5 = hdf5Thread(files.readSeconds);
  try {
    for (let turn = 0; !signal.aborted && (turn === 0 || repeat); turn += 1) {
      const chance = random(seed, turn);
      yield { scans: await inOrder(readScanFiles(named, files, hdf5), order, chance), chance };
    }
  } finally {
    await hdf5.close();
  }
}
