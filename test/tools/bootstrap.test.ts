import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const file = join(import.meta.dirname, '../../tools/bootstrap.mjs');

type CountTests = (
  result: unknown,
  run: { exitCode: number; checksPassed: boolean },
) => { passed: number; failed: number };
const { countTests } = (await import(pathToFileURL(file).href)) as { countTests: CountTests };

const suite = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const fine = { exitCode: 0, checksPassed: true };

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

  test('failed checks are a failure', () => {
    const result = { success: true, numPassedTests: 2, numFailedTests: 0, testResults: [] };
    expect(countTests(result, { ...fine, checksPassed: false })).toEqual({ passed: 2, failed: 1 });
  });

  test('a run that ended without success never says 0 failed', () => {
    expect(countTests(null, { ...fine, exitCode: 1 })).toEqual({ passed: 0, failed: 1 });
    const result = { success: false, numPassedTests: 0, numFailedTests: 0, testResults: [] };
    expect(countTests(result, { ...fine, exitCode: 1 })).toEqual({ passed: 0, failed: 1 });
  });
});

describe('bootstrap', () => {
  test('says how it is used', () => {
    const { stdout, status } = spawnSync(process.execPath, [file, '--help'], { encoding: 'utf8' });
    expect(stdout).toContain('npm run demo');
    expect(status).toBe(0);
  });

  test('refuses what it does not know', () => {
    const { stderr, status } = spawnSync(process.execPath, [file, 'fly'], { encoding: 'utf8' });
    expect(stderr).toContain('Expected demo, test or services, got fly');
    expect(status).toBe(1);
  });

  test('without apt and rights it names the packages and the command', () => {
    const env = { PATH: join(process.execPath, '..', 'none'), HOME: process.env.HOME };
    const { stderr, status } = spawnSync(process.execPath, [file, 'services'], { encoding: 'utf8', env });
    expect(stderr).toContain('Expected java, mvn, redis-server to be installed');
    expect(stderr).toContain(
      'apt-get install -y --no-install-recommends default-jre-headless maven redis-server',
    );
    expect(status).toBe(1);
  });
});
