import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { pythonWith } from '../../../python/python-with.ts';
import { FatalError } from '../../../src/common/errors.ts';

/**
 * Runs a program that trains with PyTorch; its progress goes to the screen.
 * @param python an interpreter with PyTorch and NumPy; undefined installs one
 * @param program path of the Python file
 * @param args what it gets on its command line
 * @throws FatalError where it fails
 */
export async function runTrainer(
  python: string | undefined,
  program: string,
  args: readonly string[],
): Promise<void> {
  const interpreter =
    python ??
    (await pythonWith({
      requirements: join(import.meta.dirname, 'requirements.txt'),
      home: 'torch',
      say: () => console.error('setting up Python with PyTorch (once, some minutes: 5 GB)'),
    }));
  const trainer = spawn(interpreter, [program, ...args], { stdio: 'inherit' });
  const code = await once(trainer, 'exit').then(
    ([status]) => status as number | null,
    (error: Error) => {
      throw new FatalError(`Expected a Python at ${interpreter}: ${error.message}`);
    },
  );
  if (code !== 0) throw new FatalError(`${basename(program)} ended with ${code}; what it said stands above`);
}
