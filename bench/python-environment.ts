import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, '.cache/bench-python');
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** The Python that runs python-peer.py, with its packages: made in .cache when it is first asked for. */
export function pythonEnvironment(): string {
  const made = join(FOLDER, 'requirements.txt');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  const python = join(FOLDER, 'bin/python');
  if (existsSync(made) && readFileSync(made, 'utf8') === wanted) return python;
  const run = (file: string, args: string[]) =>
    execFileSync(file, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    });
  run('python3', ['-m', 'venv', '--clear', FOLDER]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
  writeFileSync(made, wanted);
  return python;
}
