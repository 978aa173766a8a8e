import { execFile } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type ProcessOptions, type RunningProcess, startProcess } from '../../demo/services/start-process.ts';
import { temporaryFolder } from '../../demo/services/temporary-folder.ts';
import { ROOT } from '../docs/documents.ts';

const run = promisify(execFile);
const SOURCE = join(ROOT, 'clients/typescript');
/** The examples are TypeScript; whoever copies them has a loader of their own, such as this one. */
const TSX = pathToFileURL(join(ROOT, 'node_modules/tsx/dist/loader.mjs')).href;

/** An example that is told to end does so by itself: how long it takes is no measure of speed. */
export const GRACE_MS = 60_000;

export type InstalledClient = {
  /** What the package holds, relative to it. */
  readonly files: readonly string[];
  /** The package as those import it who have installed it. */
  load(): Promise<typeof import('@xanes-stream/client')>;
  /** Starts a copy of an example of the package, beside which it is installed. */
  start(
    example: string,
    args: readonly string[],
    options?: Omit<ProcessOptions, 'args'>,
  ): Promise<RunningProcess>;
  remove(): void;
};

/** The TypeScript client, packed as npm publishes it and installed in a folder outside the repository. */
export async function installedClient(): Promise<InstalledClient> {
  await run('npm', ['run', '-s', 'build'], { cwd: SOURCE });
  const folder = temporaryFolder('client');
  const home = folder.path;
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: SOURCE });
  const [packed] = [Object.values(JSON.parse(stdout))].flat() as {
    filename: string;
    files: { path: string }[];
  }[];
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  const archive = readdirSync(home).find((name) => name.endsWith('.tgz'))!;
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run('npm', ['install', ...quiet, `./${archive}`], { cwd: home });
  const installed = join(home, 'node_modules/@xanes-stream/client');
  cpSync(join(installed, 'examples'), home, { recursive: true });
  return {
    files: packed!.files.map(({ path }) => path),
    load: () => import(pathToFileURL(join(installed, 'dist/client.js')).href),
    start: (example, args, options = {}) =>
      startProcess(example, {
        ...{ graceMs: GRACE_MS, args: ['--import', TSX, join(home, example), ...args] },
        ...options,
      }),
    remove: folder.remove,
  };
}
