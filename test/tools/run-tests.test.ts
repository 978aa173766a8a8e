import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../docs/documents.ts';

type Run = { exitCode: number; left: boolean; all: boolean };
type Counts = { passed: number; failed: number };
type RunTests = {
  countTests: (result: unknown, run: Run) => Counts;
  lastLine: (counts: readonly Counts[]) => { text: string; exitCode: number };
};
const file = join(ROOT, 'tools/run-tests.mjs');
const { countTests, lastLine } = (await import(pathToFileURL(file).href)) as RunTests;

const suite = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const fine: Run = { exitCode: 0, left: true, all: true };

describe('the last line of npm test', () => {
  test('counts tests as jest counted them', () => {
    const result = {
      success: true,
      numPassedTests: 3,
      numFailedTests: 0,
      testResults: [suite('passed', 'passed')],
    };
    expect(countTests(result, fine)).toEqual({ passed: 3, failed: 0 });
  });

  test('a failed test is one failure, whatever its suite says', () => {
    const testResults = [suite('failed', 'failed', 'passed')];
    const result = { success: false, numPassedTests: 1, numFailedTests: 1, testResults };
    expect(countTests(result, { ...fine, exitCode: 1 })).toEqual({ passed: 1, failed: 1 });
  });

  test('a suite that could not run, or broke outside its tests, counts as failed', () => {
    const testResults = [suite('failed'), suite('failed', 'passed'), suite('passed', 'passed')];
    const result = { success: false, numPassedTests: 2, numFailedTests: 0, testResults };
    expect(countTests(result, { ...fine, exitCode: 1 })).toEqual({ passed: 2, failed: 2 });
  });

  test('is of all runs and the checks together', () => {
    const fine = { passed: 2, failed: 0 };
    expect(lastLine([fine, fine])).toEqual({ text: '4 passed, 0 failed', exitCode: 0 });
    expect(lastLine([fine, { passed: 1, failed: 1 }])).toEqual({ text: '3 passed, 1 failed', exitCode: 1 });
    expect(lastLine([fine, { passed: 0, failed: 1 }]).exitCode).toBe(1);
  });

  test('a skipped test is a failure, but where some tests were chosen', () => {
    const result = {
      success: true,
      numPassedTests: 2,
      numFailedTests: 0,
      numPendingTests: 3,
      testResults: [],
    };
    expect(countTests(result, fine)).toEqual({ passed: 2, failed: 3 });
    expect(countTests(result, { ...fine, all: false })).toEqual({ passed: 2, failed: 0 });
  });

  test('a jest that had to be ended is a failure, though every test passed', () => {
    const result = { success: true, numPassedTests: 2, numFailedTests: 0, testResults: [] };
    expect(countTests(result, { ...fine, exitCode: 1, left: false })).toEqual({ passed: 2, failed: 1 });
  });

  test('a run that ended without success never says 0 failed', () => {
    expect(countTests(null, { ...fine, exitCode: 1 })).toEqual({ passed: 0, failed: 1 });
    const result = { success: false, numPassedTests: 0, numFailedTests: 0, testResults: [] };
    expect(countTests(result, { ...fine, exitCode: 1 })).toEqual({ passed: 0, failed: 1 });
  });
});

describe('a jest that does not end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-tests-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs jest on one test file of a project of its own, with the global setup of this one. */
  function runJest(source: string, leaveWithinMs: number): { left: boolean; exitCode: number; said: string } {
    const project = mkdtempSync(join(folder, 'project-'));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    };
    write('test/one.test.js', source);
    write('package.json', '{ "type": "commonjs" }');
    const globalSetup = join(ROOT, 'test/global-setup.mjs');
    write('jest.config.json', JSON.stringify({ maxWorkers: 1, globalSetup, transform: {} }));
    const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--rootDir', project, '--watchman=false'];
    const options = { report: join(project, 'results/jest.json'), leaveWithinMs, cwd: project };
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { runJest } from ${JSON.stringify(pathToFileURL(file).href)};
        console.log(JSON.stringify(await runJest(${JSON.stringify(jest)}, ${JSON.stringify(options)})));`,
      ],
      { encoding: 'utf8' },
    );
    return { ...JSON.parse(stdout), said: stderr };
  }

  test('is told from one that does', () => {
    expect(runJest("test('passes', () => {});", 60_000)).toMatchObject({ left: true, exitCode: 0 });
  });

  test('is ended, and what it held open is named', () => {
    const { left, said } = runJest(
      `
      const { createServer } = require('node:net');
      const { spawn } = require('node:child_process');
      test('leaves things open', async () => {
        setInterval(() => {}, 1000);
        spawn('sleep', ['30']);
        await new Promise((resolve) => createServer().listen(0, '127.0.0.1', resolve));
      });`,
      1000,
    );
    expect(left).toBe(false);
    expect(said).toContain('Expected jest to end within 1 s of its report. It holds open:');
    expect(said).toMatch(/^ {2}server at 127\.0\.0\.1 port \d+$/m);
    expect(said).toMatch(/^ {2}process \d+: sleep 30$/m);
    expect(said).toMatch(/^ {2}1 timers$/m);
  });
});
