import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const HOME = join(import.meta.dirname, '../../.cache/bluesky');
const run = promisify(execFile);

/**
 * A Python with a real RunEngine, installed on the first call (some 30 s) and again whenever the pinned versions
 * change.
 * @returns path of its interpreter
 */
export async function blueskyPython(say: (text: string) => void = () => {}): Promise<string> {
  const ready = join(HOME, 'ready');
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const isReady = () => existsSync(ready) && readFileSync(ready, 'utf8') === requirements;
  const python = join(HOME, 'bin', 'python');
  if (isReady()) return python;

  say('Setting up Python with Bluesky (once, about half a minute) …');
  const building = `${HOME}.building-${process.pid}`;
  mkdirSync(join(HOME, '..'), { recursive: true });
  try {
    await must('Expected Python 3.11 or later with venv', 'python3', ['-m', 'venv', building]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
    await must('Could not install the Python packages', join(building, 'bin', 'python'), pip);
    writeFileSync(join(building, 'ready'), requirements);
    // Built aside and moved: two set-ups at once, or one that was killed, leave nothing half made.
    if (!isReady()) {
      rmSync(HOME, { recursive: true, force: true });
      renameSync(building, HOME);
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
