import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { at, capture, run, step } from './steps.mjs';

/** Jest that has reported and does not end holds something open: a client, a server, a process, a timer. */
const LEAVE_WITHIN_MS = 60_000;

/** Folders of test/ that mostly wait for a broker; right in test/ lie some files that do. */
const WAITING = ['bin', 'clients', 'consumers', 'demo', 'faults', 'integration', 'producers', 'services'];

/**
 * The checks, unless `args` chooses tests, then jest: of all tests two runs side by side, since one alone leaves half
 * of two cores idle. The last line on standard output says how many tests passed and failed; resolves to the exit code.
 */
export async function runTests(args) {
  const { text, exitCode } = lastLine(await (args.length > 0 ? someTests(args) : allTests()));
  console.log(text);
  return exitCode;
}

const someTests = async (args) => [await testRun('jest', args, { all: false })];

async function allTests() {
  const checksPassed = await checksPass();
  const folder = at('test').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const waiting = `${folder}/((${WAITING.join('|')})/|[^/]+$)`;
  const counts = await Promise.all([
    testRun('jest-waiting', [waiting], { all: true }),
    testRun('jest', ['--testPathIgnorePatterns', waiting], { all: true, atItsEnd: true }),
  ]);
  return [...counts, { passed: 0, failed: checksPassed ? 0 : 1 }];
}

/** @param atItsEnd its report is shown when it has ended, so that two do not mix */
async function testRun(name, args, { all, atItsEnd = false }) {
  const report = at(`test-results/${name}.json`);
  const { exitCode, left, said } = await runJest([at('node_modules/jest/bin/jest.js'), ...args], {
    report,
    ...(atItsEnd && { stdio: ['ignore', 'ignore', 'pipe'] }),
  });
  process.stderr.write(said);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
  return countTests(result, { exitCode, left, all });
}

/** The last line of the runs together, and the exit code. */
export function lastLine(counts) {
  const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
  return { text: `${sum('passed')} passed, ${sum('failed')} failed`, exitCode: sum('failed') === 0 ? 0 : 1 };
}

/**
 * Runs jest to its end. Where it has reported but does not end in time, it is asked what it holds open
 * (test/global-setup.mjs answers on standard error), and killed.
 * @returns its exit code, whether it left by itself, and what it said where `options.stdio` pipes that
 */
export async function runJest([program, ...args], { report, leaveWithinMs = LEAVE_WITHIN_MS, ...options }) {
  rmSync(report, { force: true });
  mkdirSync(dirname(report), { recursive: true });
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const flags = ['--json', `--outputFile=${report}`];
  let left = true;
  let said = '';
  let watch;
  // jest prints its JSON to standard output as well; its report goes to standard error, which stays.
  const stdio = ['inherit', 'ignore', 'inherit'];
  const exitCode = await run(
    process.execPath,
    [...node, program, ...flags, ...args],
    { stdio, ...options },
    (chunk) => {
      said += chunk;
    },
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
  return { exitCode, left, said };
}

/**
 * Counts from jest's own JSON. What failed without being a test counts as one failure each: a suite that could not run
 * or broke outside its tests, a jest that did not leave by itself, a test that was skipped in a run of all, and a run
 * that jest itself calls failed. So 0 failed means success.
 */
export function countTests(result, { exitCode, left, all }) {
  const broken = (result?.testResults ?? []).filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const skipped = all ? (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0) : 0;
  const failed = (result?.numFailedTests ?? 0) + broken + skipped + (left ? 0 : 1);
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
