import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startProcess } from '../../../demo/services/start-process.ts';
import { importTool } from '../../import-tool.ts';

// Every version of Node that package.json names: the demo, and suites that stand for what depends on Node: native
// libraries, threads, sockets, TLS, child processes, signals.

const ROOT = join(import.meta.dirname, '../../..');
const SUITES = [
  ...['test/wire', 'test/model', 'test/spectra/larch', 'test/formats', 'test/hostile/corpus', 'test/threads'],
  ...['test/commands', 'test/runtime', 'test/services/projection', 'test/consumers'],
  ...[
    'test/dashboard/access',
    'test/dashboard/limits',
    'test/integration/service',
    'test/faults/exactly-once',
  ],
];

/** The oldest of the first, and the newest of each major version: `^20.19.0 || ^22.12.0` gives 20.19.0, 20 and 22. */
function namedVersions(): string[] {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const ranges = (engines.node as string).split(' || ').map((range) => range.replace('^', ''));
  return [ranges[0]!, ...ranges.map((range) => range.split('.')[0]!)];
}

test.each(namedVersions())(
  'Node %s: the demo and the suites',
  async (version) => {
    const { fetchNode } = await importTool<{ fetchNode(version: string): Promise<{ node: string }> }>(
      'fetch-node',
    );
    const { node } = await fetchNode(version);
    const PATH = `${dirname(node)}:${process.env.PATH}`;
    const bootstrap = async (...args: readonly string[]) => {
      const running = await startProcess(`Node ${version}`, {
        command: node,
        args: [join(ROOT, 'tools/bootstrap.mjs'), ...args],
        env: { PATH, NODE_OPTIONS: undefined, JEST_WORKER_ID: undefined },
      });
      const { code } = await running.exited;
      return { code, output: running.output() };
    };
    const shown = await startProcess('node --version', { command: node, args: ['--version'] });
    await shown.exited;
    expect(shown.output()).toMatch(new RegExp(`^v${version.replaceAll('.', '\\.')}[.\\n]`));

    const demo = await bootstrap('demo', '--once', '--scans', '60', '--rate', '20');
    expect(demo).toMatchObject({ code: 0 });
    const tests = await bootstrap('test', ...SUITES);
    expect(tests).toMatchObject({ code: 0, output: expect.stringMatching(/\d+ passed, 0 failed/) });
  },
  3_600_000,
);
