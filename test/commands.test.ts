import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { startProcess } from '../demo/services/start-process.ts';
import { KAFKA_KEYS } from '../src/runtime/config.ts';
import { ROOT } from './docs/documents.ts';

type Command = { readonly name: string; readonly args: readonly string[] };
const ts = (name: string, ...args: string[]): Command => ({ name, args: ['--import', 'tsx', name, ...args] });
const mjs = (name: string, ...args: string[]): Command => ({ name, args: [name, ...args] });

/** Nothing listens on port 9 of the loopback. */
const NOWHERE = '127.0.0.1:9';
const nowhere = { KAFKA_BROKERS: NOWHERE, REDIS_URL: `redis://${NOWHERE}` };

async function run({ name, args }: Command, env: Readonly<Record<string, string>> = {}) {
  const beganMs = performance.now();
  const running = await startProcess(name, {
    args: args.map((arg) => (arg === name ? join(ROOT, name) : arg)),
    env,
  });
  const { code } = await running.exited;
  return { code, output: running.output(), tookMs: performance.now() - beganMs };
}

const lines = (output: string) => output.split('\n').filter((line) => line !== '');

const SERVICES = [
  ts('src/bin/processor.ts'),
  ts('src/bin/shadow.ts'),
  ts('src/bin/bluesky.ts'),
  ts('src/bin/changes.ts'),
  ts('src/bin/accumulate.ts'),
  ts('src/bin/projection.ts'),
  ts('dashboard/server/main.ts'),
];
const OTHERS = [
  ts('src/bin/topics.ts'),
  ts('src/bin/predict.ts'),
  ts('src/bin/standard.ts'),
  ts('src/bin/export.ts'),
  ts('src/bin/reprocess.ts'),
  ts('src/bin/models.ts'),
  ts('src/bin/compare.ts'),
  ts('demo/demo.ts'),
  ts('demo/replay.ts'),
  ts('bench/throughput.ts'),
  ts('bench/stages.ts'),
  ts('bench/threads.ts'),
  ts('bench/projection.ts'),
  ts('bench/lone-scan.ts'),
  ts('bench/dry-run.ts'),
  ts('workbench/main.ts'),
  ts('workbench/main.ts', 'evaluate'),
  ts('tools/schemas.ts'),
  mjs('tools/complete-lock-file.mjs'),
  mjs('tools/setup-tensorflow.mjs'),
  mjs('tools/setup-cuda.mjs'),
  mjs('tools/licences.mjs'),
  mjs('tools/bootstrap.mjs', 'test'),
  mjs('tools/bootstrap.mjs', 'setup'),
];
const named = (commands: readonly Command[]) =>
  commands.map(
    (command) => [command.args.slice(command.args.indexOf(command.name)).join(' '), command] as const,
  );

test('every program of src/bin is among these, but for the one that a thread runs', () => {
  const programs = readdirSync(join(ROOT, 'src/bin')).map((file) => `src/bin/${file}`);
  const known = [...SERVICES, ...OTHERS].map(({ name }) => name);
  expect(programs.filter((file) => !known.includes(file))).toEqual([
    'src/bin/hdf5-thread.ts',
    'src/bin/scan-thread.ts',
  ]);
});

test.concurrent.each(named([...SERVICES, ...OTHERS]))(
  '%s --help says what it does and does nothing',
  async (_, command) => {
    const { code, output } = await run({ ...command, args: [...command.args, '--help'] }, nowhere);
    expect(code).toBe(0);
    expect(lines(output).length).toBeGreaterThan(0);
    expect(output).not.toMatch(/"level":|wrote |entries added|^ {4}at /m);
  },
);

const SPEAK_KAFKA = [
  ...SERVICES.slice(0, 5),
  ...OTHERS.slice(0, 1),
  ts('src/bin/standard.ts'),
  ts('demo/replay.ts'),
];
test.concurrent.each(named(SPEAK_KAFKA))(
  '%s --help names every setting by which it reaches the broker',
  async (_, command) => {
    const { output } = await run({ ...command, args: [...command.args, '--help'] });
    for (const key of KAFKA_KEYS) expect(output).toMatch(new RegExp(`^ {2}${key} `, 'm'));
  },
);

// Of the tests' command arguments are patterns, and flags are jest's.
const strict = [...SERVICES, ...OTHERS].filter(({ args }) => !args.includes('test'));
test.concurrent.each(named(strict))('%s: an unknown flag is one line and exit code 2', async (_, command) => {
  const { code, output } = await run({ ...command, args: [...command.args, '--fly', '9999'] }, nowhere);
  expect({ code, lines: lines(output) }).toEqual({ code: 2, lines: [expect.stringMatching(/--fly/)] });
});

const withoutArguments = [...SERVICES, ts('src/bin/topics.ts'), ts('demo/demo.ts')];
test.concurrent.each(named([...withoutArguments, ts('tools/schemas.ts')]))(
  '%s: an argument that it does not take is one line and exit code 2',
  async (_, command) => {
    const { code, output } = await run({ ...command, args: [...command.args, 'x'] }, nowhere);
    expect({ code, lines: lines(output) }).toEqual({ code: 2, lines: [expect.stringMatching(/'x'/)] });
  },
);

test.concurrent.each(named([...SERVICES, ts('src/bin/topics.ts'), ts('demo/replay.ts')]))(
  '%s: all wrong settings are named at once, with what they expect, without a stack',
  async (_, command) => {
    const env = { LOG_LEVEL: 'loud', PORT: 'x', REDIS_URL: 'notaurl', KAFKA_BROKERS: 'nowhere' };
    const { code, output } = await run(command, env);
    expect(code).toBe(1);
    for (const [key, expected] of [
      ['LOG_LEVEL', 'trace, debug, info, warn, error or silent'],
      ['PORT', 'an integer from 0 to 65535'],
      ['REDIS_URL', 'redis://host:port or rediss://host:port'],
      ['KAFKA_BROKERS', 'host:port'],
    ]) {
      expect(output).toContain(`${key}: expected ${expected}`);
    }
    expect(output).not.toMatch(/\bat .*:\d+:\d+/);
  },
);

test.concurrent.each(named([ts('src/bin/topics.ts'), ts('src/bin/compare.ts'), ts('demo/replay.ts')]))(
  '%s: a broker that is not there is named within seconds, in one line, with exit code 1',
  async (_, command) => {
    const { code, output, tookMs } = await run(command, nowhere);
    const line = expect.stringMatching(
      /^Expected KAFKA_BROKERS 127\.0\.0\.1:9 to answer within 5 s: .*ECONNREFUSED/,
    );
    expect({ code, lines: lines(output) }).toEqual({ code: 1, lines: [line] });
    expect(tookMs).toBeLessThan(50_000); // 5 s and its start, where machines are slow, too
  },
);

test.concurrent('bluesky: a mapping that is none is said field by field, and one that is not there, too', async () => {
  const mapping = join(folder, 'mapping.json');
  writeFileSync(mapping, JSON.stringify({ energy: 7, i0: 'i0', element: 'element', beamlin: 'BM' }));
  const wrong = await run(ts('src/bin/bluesky.ts'), { ...nowhere, BLUESKY_MAPPING: mapping });
  expect(wrong.code).toBe(1);
  for (const part of [
    'beamline: expected a text',
    'energy: expected a data key, or a list of them',
    'element: expected a place such as start.sample.name',
    'Unrecognized key: \\"beamlin\\"',
  ]) {
    expect(wrong.output).toContain(part);
  }
  const none = await run(ts('src/bin/bluesky.ts'), nowhere);
  expect(none).toMatchObject({
    code: 1,
    output: expect.stringContaining('Expected BLUESKY_MAPPING to name'),
  });
});

const folder = mkdtempSync(join(tmpdir(), 'commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.concurrent('predict: a file that is not there, an engine and a model that are none', async () => {
  const absent = join(folder, 'absent.xdi');
  const missing = await run(ts('src/bin/predict.ts', absent));
  expect(missing).toMatchObject({
    code: 1,
    output: `Expected a file or a folder, got ${absent}, which does not exist\n`,
  });
  const engine = await run(ts('src/bin/predict.ts', absent, '--engine', 'abacus'));
  expect(engine).toMatchObject({
    code: 2,
    output: expect.stringMatching(/^Expected --engine to be .*, got abacus; .*\n$/),
  });
  const model = await run(ts('src/bin/predict.ts', '.', '--model', folder));
  expect(model.code).toBe(1);
  expect(lines(model.output)).toEqual([expect.stringMatching(/^Expected --model/)]);
});

test.concurrent.each([
  ['demo/replay.ts', ['--rate', 'fast']],
  ['demo/demo.ts', ['--processors', '0']],
])('%s %j: a value that is none is one line and exit code 2', async (file, args) => {
  const { code, output } = await run(ts(file, ...args));
  expect({ code, lines: lines(output) }).toEqual({
    code: 2,
    lines: [expect.stringMatching(new RegExp(`^Expected ${args[0]} to be .*, got ${args[1]}`))],
  });
});
