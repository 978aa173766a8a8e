import { execFile } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningProcess, startProcess } from '../../demo/services/start-process.ts';
import { temporaryFolder } from '../../demo/services/temporary-folder.ts';
import { pythonWith } from '../../python/python-with.ts';
import { ROOT } from '../docs/documents.ts';
import { GRACE_MS } from './installed-client.ts';

const run = promisify(execFile);
const SOURCE = join(ROOT, 'clients/python');

export type InstalledPythonClient = {
  /** What the wheel installed, relative to where packages lie. */
  readonly files: readonly string[];
  /** Standard output of a program that has the package; throws with the end of its errors where it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Starts a copy of an example, beside which the package is installed. */
  start(example: string, args: readonly string[], ready?: RegExp): Promise<RunningProcess>;
  /** What mypy finds in the sources; empty: nothing. */
  typeErrors(): Promise<string>;
  remove(): void;
};

/** The Python client, packed as a wheel and installed in a folder outside the repository. */
export async function installedPythonClient(): Promise<InstalledPythonClient> {
  const python = await pythonWith({
    requirements: join(SOURCE, 'requirements-test.txt'),
    home: 'python-client',
  });
  const folder = temporaryFolder('python-client');
  const home = folder.path;
  await run(python, ['-m', 'hatchling', 'build', '--target', 'wheel', '--directory', home], { cwd: SOURCE });
  const wheel = readdirSync(home).find((name) => name.endsWith('.whl'))!;
  const site = join(home, 'site');
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps', '--no-index'];
  await run(python, ['-m', 'pip', 'install', ...quiet, '--target', site, join(home, wheel)]);
  cpSync(join(SOURCE, 'examples'), home, { recursive: true });
  const env = { ...process.env, PYTHONPATH: site };
  return {
    files: readdirSync(site, { recursive: true, encoding: 'utf8' }),
    run: async (program, args) => (await run(python, ['-c', program, ...args], { cwd: home, env })).stdout,
    start: (example, args, ready) =>
      startProcess(example, {
        ...{ command: python, args: [join(home, example), ...args], env: { PYTHONPATH: site } },
        ...{ graceMs: GRACE_MS, ...(ready !== undefined && { ready }) },
      }),
    async typeErrors() {
      const args = ['-m', 'mypy', '--no-error-summary', '--cache-dir', join(home, 'mypy')];
      const checked = run(python, args, { cwd: SOURCE, env: { ...process.env, MYPYPATH: 'src' } });
      return checked.then(({ stdout }) => stdout).catch(({ stdout, message }) => stdout || message);
    },
    remove: folder.remove,
  };
}
