import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FatalError } from '../src/common/errors.ts';

const CACHE = join(import.meta.dirname, '../.cache');
const run = promisify(execFile);

export type PythonOptions = {
  /** A file of pinned packages, as pip reads it. */
  readonly requirements: string;
  /** Where it is put: a name in .cache, or a path. */
  readonly home: string;
  /** The Python that it is made of. */
  readonly command?: string;
  /** Is told where it takes time. */
  readonly say?: () => void;
  readonly signal?: AbortSignal | undefined;
};

/**
 * A Python with packages, installed on the first call and again whenever the pinned versions change.
 * @returns path of its interpreter
 * @throws FatalError where there is no Python, or a package cannot be had
 */
export async function pythonWith(options: PythonOptions): Promise<string> {
  const { requirements: file, command = 'python3', say = () => {}, signal } = options;
  const home = options.home.includes('/') ? options.home : join(CACHE, options.home);
  const ready = join(home, 'ready');
  const requirements = readFileSync(file, 'utf8');
  const isReady = () => existsSync(ready) && readFileSync(ready, 'utf8') === requirements;
  const python = join(home, 'bin', 'python');
  if (isReady()) return python;

  say();
  const building = `${home}.building-${process.pid}`;
  mkdirSync(dirname(home), { recursive: true });
  try {
    await must('Expected Python 3.11 or later with venv', command, ['-m', 'venv', building], signal);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', file];
    await must('Could not install the Python packages', join(building, 'bin', 'python'), pip, signal);
    writeFileSync(join(building, 'ready'), requirements);
    // Built aside and moved: two set-ups at once, or one that was killed, leave nothing half made.
    if (!isReady()) {
      rmSync(home, { recursive: true, force: true });
      renameSync(building, home);
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return python;
}

async function must(
  complaint: string,
  command: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await run(command, [...args], signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new FatalError(`${complaint}: ${(stderr.trim() || message).slice(-500)}`, { cause: error });
  }
}
