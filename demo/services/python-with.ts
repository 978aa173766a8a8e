import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CACHE = join(import.meta.dirname, '../../.cache');
const run = promisify(execFile);

/**
 * A Python with the packages of a requirements file, installed on the first call into .cache/NAME and again whenever
 * the pinned versions change.
 * @param say is told where it takes time
 * @returns path of its interpreter
 */
export async function pythonWith(
  requirementsFile: string,
  name: string,
  say: () => void = () => {},
): Promise<string> {
  const home = join(CACHE, name);
  const ready = join(home, 'ready');
  const requirements = readFileSync(requirementsFile, 'utf8');
  const isReady = () => existsSync(ready) && readFileSync(ready, 'utf8') === requirements;
  const python = join(home, 'bin', 'python');
  if (isReady()) return python;

  say();
  const building = `${home}.building-${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  try {
    await must('Expected Python 3.11 or later with venv', 'python3', ['-m', 'venv', building]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
    await must('Could not install the Python packages', join(building, 'bin', 'python'), pip);
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

async function must(complaint: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, [...args]);
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`${complaint}: ${(stderr.trim() || message).slice(-500)}`, { cause: error });
  }
}
