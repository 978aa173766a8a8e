import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pythonWith } from '../../../python/python-with.ts';
import { FatalError } from '../../../src/errors.ts';

const FOLDER = join(import.meta.dirname, 'torch');

/**
 * Runs train.py, whose progress goes to the screen.
 * @param python an interpreter with PyTorch and NumPy; undefined installs one
 * @param options of train.py
 * @throws FatalError where it fails
 */
export async function runTrainer(
  python: string | undefined,
  sites: string,
  out: string,
  options: readonly string[],
): Promise<void> {
  const interpreter =
    python ??
    (await pythonWith({
      requirements: join(FOLDER, 'requirements.txt'),
      home: 'torch',
      say: () => console.error('setting up Python with PyTorch (once, some minutes: 5 GB)'),
    }));
  const trainer = spawn(interpreter, [join(FOLDER, 'train.py'), sites, out, ...options], {
    stdio: 'inherit',
  });
  const code = await once(trainer, 'exit').then(
    ([status]) => status as number | null,
    (error: Error) => {
      throw new FatalError(`Expected a Python at ${interpreter}: ${error.message}`);
    },
  );
  if (code !== 0) throw new FatalError(`train.py ended with ${code}; what it said stands above`);
}
