import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { at, capture, run, step } from './steps.mjs';

/** Jest that has reported and does not end holds something open: a client, a server, a process, a timer. */
const LEAVE_WITHIN_MS = 60_000;

/**
 * The checks, unless `args` chooses tests, then jest. The last line on standard output says how many tests passed and
 * failed; resolves to the exit code.
 */
export async function runTests(args) {
  const all = args.length === 0;
  const checksPassed = all ? await checksPass() : true;
  const report = at('test-results/jest.json');
  const { exitCode, left } = await runJest([at('node_modules/jest/bin/jest.js'), ...args], { report });
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
  const { passed, failed } = countTests(result, { exitCode, checksPassed, left, all });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * Runs jest to its end. Where it has reported but does not end in time, it is asked what it holds open
 * (test/global-setup.mjs answers on standard error), and killed.
 * @returns its exit code, and whether it left by itself
 */
export async function runJest([program, ...args], { report, leaveWithinMs = LEAVE_WITHIN_MS, ...options }) {
  rmSync(report, { force: true });
  mkdirSync(dirname(report), { recursive: true });
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const flags = ['--json', `--outputFile=${report}`];
  let left = true;
  let watch;
  // jest prints its JSON to standard output as well; its report goes to standard error, which stays.
  const stdio = ['inherit', 'ignore', 'inherit'];
  const exitCode = await run(
    process.execPath,
    [...node, program, ...flags, ...args],
    { stdio, ...options },
    undefined,
    (child) => {
      let reportedMs;
      watch = setInterval(() => {
        if (!existsSync(report)) return;
        reportedMs ??= Date.now();
        if (Date.now() - reportedMs < leaveWithinMs) return;
        clearInterval(watch);
        left = false;
        console.error(
          `\nExpected jest to end within ${leaveWithinMs / 1000} s of its report. It holds open:`,
        );
        child.kill('SIGUSR2');
        setTimeout(() => child.kill('SIGKILL'), 2000);
      }, 200);
    },
  );
  clearInterval(watch);
  return { exitCode, left };
}

/**
 * Counts from jest's own JSON. What failed without being a test counts as one failure each: a suite that could not run
 * or broke outside its tests, checks that failed, a jest that did not leave by itself, a test that was skipped in a run
 * of all, and a run that jest itself calls failed. So 0 failed means success.
 */
export function countTests(result, { exitCode, checksPassed, left, all }) {
  const broken = (result?.testResults ?? []).filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const skipped = all ? (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0) : 0;
  const failed = (result?.numFailedTests ?? 0) + broken + skipped + (checksPassed ? 0 : 1) + (left ? 0 : 1);
  const failedOtherwise = failed === 0 && (exitCode !== 0 || result?.success !== true);
  return { passed: result?.numPassedTests ?? 0, failed: failed + (failedOtherwise ? 1 : 0) };
}

async function checksPass() {
  const output = await step('checks: format, lint, types, room rules', () =>
    capture('npm', ['run', '-s', 'lint']),
  ).catch((error) => error);
  if (output instanceof Error) console.error(output.message);
  return !(output instanceof Error);
}
