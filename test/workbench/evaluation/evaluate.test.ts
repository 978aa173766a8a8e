import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { copyWithoutGate } from '../model-copy.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), 'evaluate-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Each process loads the model: seconds on a quiet machine. */
const SLOW = 600_000;

type Run = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Runs the command as a user would; the committed model answers. */
function evaluate(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', 'workbench/main.ts', 'evaluate', ...args];
    execFile('node', command, { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const json = async (...args: string[]) => {
  const { stdout, stderr, status } = await evaluate(...args, '--json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout); // fails if anything else is on standard output
};

type Json = Record<string, unknown> & {
  element: string;
  energyEv: number[];
  mu: (number | null)[];
  labels: object;
};
const all: Json[] = readFileSync(join(ROOT, 'data/battery-feff10/sites.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const cobalt = all.filter(({ element }) => element === 'Co').slice(0, 12);
const [first, second] = cobalt as [Json, Json];

function fileOf(name: string, sites: readonly unknown[]): string {
  const file = join(FOLDER, name);
  writeFileSync(
    file,
    sites.map((site) => `${typeof site === 'string' ? site : JSON.stringify(site)}\n`).join(''),
  );
  return file;
}

describe('evaluate --json', () => {
  const nulls = { ...first, labels: { ...first.labels, OS: null, MOOD: null } };
  const file = fileOf('cobalt.jsonl', [nulls, ...cobalt.slice(1)]);
  const refused = fileOf('refused.jsonl', [
    first,
    all.find(({ element }) => element === 'Li'),
    { ...second, element: 'Zn' },
    { ...second, edge: 'L3' },
    { ...second, energyEv: [...second.energyEv].reverse() },
    { ...second, energyEv: second.energyEv.slice(1) },
    { ...second, mu: second.mu.map((value, i) => (i === 40 ? null : value)) },
    { ...second, mu: second.mu.map(() => 1) },
    { ...second, energyEv: [], mu: [] },
    { ...second, labelSource: 'decoded' },
  ]);
  let clean: Awaited<ReturnType<typeof json>>;
  let others: (typeof clean)[];
  beforeAll(async () => {
    clean = await json('--data', file);
    others = await Promise.all([
      json('--data', file, '--gain', '1.05'),
      ...['1', '1', '2'].map((seed) => json('--data', file, '--noise', '0.1', '--seed', seed)),
      json('--data', file, '--shift', '-3', '--tilt', '0.2'),
      json('--data', refused),
    ]);
  }, SLOW);

  test('has the documented keys', () => {
    expect(clean).toMatchObject({ model: expect.any(String), sites: 12, refused: 0, level: 0.9 });
    const { OS, CN, NNRS, MOOD } = clean.descriptors;
    const classKeys = ['n', 'f1', 'accuracy', 'share', 'acceptedAccuracy', 'ece'];
    const realKeys = ['n', 'r2', 'mae', 'share', 'coverage', 'width'];
    expect(Object.keys(CN)).toEqual(expect.arrayContaining(classKeys));
    expect(Object.keys(NNRS)).toEqual(expect.arrayContaining(realKeys));
    expect([OS.n, CN.n, NNRS.n, MOOD.n]).toEqual([11, 12, 12, 11]); // null is no label
    for (const key of ['f1', 'accuracy', 'share', 'ece']) {
      expect(OS[key]).toBeGreaterThanOrEqual(0);
      expect(OS[key]).toBeLessThanOrEqual(1);
    }
  });

  test('a wrong edge step changes next to nothing', () => {
    const [gained] = others;
    for (const name of ['OS', 'CN', 'CN2', 'OCN', 'PSGO']) {
      expect(gained.descriptors[name].f1).toBeCloseTo(clean.descriptors[name].f1, 6);
    }
    expect(gained.descriptors.NNRS.mae).toBeCloseTo(clean.descriptors.NNRS.mae, 4);
    expect(gained.gain).toBe(1.05);
  });

  test('noise changes the answers, with its seed, and comes back with the same seed', () => {
    const [, one, again, two] = others;
    expect(again).toEqual(one);
    expect(two.descriptors.NNRS.mae).not.toBe(one.descriptors.NNRS.mae);
    expect(one.descriptors.NNRS.mae).not.toBe(clean.descriptors.NNRS.mae);
  });

  test('tilt and shift come before preparation', () => {
    const distorted = others[4];
    expect(distorted).toMatchObject({ tilt: 0.2, shift: -3 });
    expect(distorted.descriptors.NNRS.mae).not.toBeCloseTo(clean.descriptors.NNRS.mae, 3);
  });

  test('what the processor would refuse is counted, and what was decoded is neither scored nor counted', () => {
    const { sites, refused, refusals, decoded, descriptors } = others[5];
    expect({ sites, refused, decoded }).toEqual({ sites: 9, refused: 8, decoded: 1 });
    expect(refusals).toEqual({
      'unknown-element': 2,
      'unknown-edge': 1,
      'inverted-edge': 1, // energies in descending order are turned round with their mu
      'length-mismatch': 1,
      'non-finite': 1,
      'dead-channel': 1,
      'too-few-points': 1,
    });
    expect(descriptors.CN.n).toBe(1);
  });
});

test(
  'a model without a gate is scored, with null for what only the gate could say, and nothing is written into it',
  async () => {
    const model = join(FOLDER, 'without-gate');
    copyWithoutGate(model);
    const files = () => readdirSync(model).map((name) => [name, statSync(join(model, name)).mtimeMs]);
    const before = files();
    const { stdout, stderr } = await evaluate(
      ...['--data', fileOf('ungated.jsonl', cobalt), '--model', model, '--json'],
    );
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      sites: 12,
      level: null,
      weights: openBundle(model, { gate: 'optional' }).hash,
    });
    const { CN, NNRS } = result.descriptors;
    expect(CN).toMatchObject({
      n: 12,
      f1: expect.any(Number),
      share: null,
      acceptedAccuracy: null,
      ece: null,
    });
    expect(NNRS).toMatchObject({ r2: expect.any(Number), coverage: null, width: null });
    expect(stderr).toContain(`${model} has no gate's table, which calibrate makes`);
    expect(files()).toEqual(before);
  },
  SLOW,
);

describe('evaluate for people', () => {
  test(
    'a broken line, a wrong option and an unknown model are told in one line',
    async () => {
      const broken = fileOf('broken.jsonl', [first, { ...second, labels: { CN: 'six' } }]);
      const good = fileOf('good.jsonl', [first]);
      const runs = await Promise.all([
        evaluate('--data', broken, '--json'),
        evaluate('--data', good, '--noise', '-1'),
        evaluate('--data', good, '--model', 'nonesuch'),
        evaluate('--data', good, '--level', '0.123'),
        evaluate('--json'),
      ]);
      const messages = [
        /broken\.jsonl, line 2 .*labels\.CN: /,
        /--noise to be a number >= 0, got -1/,
        /--model to name a folder .* under models\/, got nonesuch/,
        /level from 0\.5 to 0\.9\d*, .*got 0\.123: npm run workbench -- calibrate/,
        /--data FILE/,
      ];
      runs.forEach(({ status, stdout, stderr }, i) => {
        expect(stderr).toMatch(messages[i]!);
        expect(stderr.trim().split('\n')).toHaveLength(1);
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      });
    },
    SLOW,
  );

  test(
    'a table, and a figure for each descriptor',
    async () => {
      const series = readFileSync(join(ROOT, 'data/li-x-coo2/series.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .slice(0, 6);
      const plots = join(FOLDER, 'plots');
      const run = await evaluate('--data', fileOf('series.jsonl', series), '--plots', plots);
      expect(run.stdout).toContain('series: 6 sites, 0 refused');
      expect(run.stdout).toMatch(/mean oxidation state \d\.\d+ {2}predicted \d\.\d+/);
      expect(readdirSync(plots).sort()).toEqual(
        ['CN', 'CN2', 'MOOD', 'NNRS', 'OCN', 'OS', 'PSGO'].map((name) => `${name}.svg`),
      );
    },
    SLOW,
  );

  test(
    'a sweep writes its table and its curves',
    async () => {
      const out = join(FOLDER, 'docs');
      const run = await evaluate(
        '--data',
        fileOf('few.jsonl', cobalt),
        '--sweep',
        '--draws',
        '2',
        '--out',
        out,
      );
      expect(run.status).toBe(0);
      const [table, image] = run.stdout.trim().split('\n');
      const text = readFileSync(table!, 'utf8');
      for (const row of ['clean', 'noise 0.1', 'gain 0.95', 'tilt 0.03', 'shift -0.3 eV', 'ends at 40 eV']) {
        expect(text).toMatch(new RegExp(`^\\| ${row.replace('.', '\\.')} \\| \\d\\.\\d{3} `, 'm'));
      }
      expect(text).toMatch(/^\| 0\.05 \| OCN \| 24 \| /m); // two copies of twelve
      expect(text).not.toMatch(/NaN|undefined/);
      expect(readFileSync(image!, 'utf8')).toContain('share right of those accepted');
    },
    SLOW,
  );
});
