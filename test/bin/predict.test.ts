import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command as a user would; the committed model answers. */
function predict(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const run = spawnSync('node', ['--import', 'tsx', 'src/bin/predict.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

type Site = { element: string; energyEv: number[]; mu: number[] };
const [lithiated]: Site[] = readFileSync(join(ROOT, 'data/li-x-coo2/series.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** LiCoO2 as computed by FEFF10, in an XDI file. */
function xdi(element: string, mu: readonly number[]): string {
  return [
    '# XDI/1.0',
    `# Element.symbol: ${element}`,
    '# Element.edge: K',
    '# Energy.scale: feff10',
    '# Column.1: energy eV',
    '# Column.2: mutrans',
    '# ///',
    ...mu.map((value, i) => `${lithiated!.energyEv[i]} ${value}`),
  ].join('\n');
}

describe('npm run predict', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'predict-'));
    mkdirSync(join(folder, 'deeper'));
    writeFileSync(join(folder, 'deeper', 'lco.xdi'), xdi('Co', lithiated!.mu));
    writeFileSync(
      join(folder, 'b-upside-down.xdi'),
      xdi(
        'Co',
        lithiated!.mu.map((value) => 1 - value),
      ),
    );
    writeFileSync(join(folder, 'c-wrong-element.XDI'), xdi('Ni', lithiated!.mu));
    writeFileSync(join(folder, 'd-no-xdi.xd'), 'energy,mu\n1,2\n');
    writeFileSync(join(folder, 'e-empty.xdi'), '');
    writeFileSync(join(folder, 'notes.txt'), 'not read');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('accepts nothing of less trust than is asked for', () => {
    const lco = join(folder, 'deeper');
    const accepted = (...args: string[]) =>
      Object.values(JSON.parse(predict(lco, '--json', ...args).stdout).descriptors).filter(
        (each) => (each as { verdict: string }).verdict === 'accept',
      ).length;
    expect(accepted()).toBeGreaterThan(0);
    expect(accepted('--least-trust', '1')).toBe(0);
    expect(predict(lco, '--least-trust', '1.2')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Expected --least-trust to be a probability, 0 to 1, got 1.2'),
    });
  });

  test('answers each file of a folder by one JSON line, read or not', () => {
    const { status, stdout } = predict(folder, '--json');
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ file, reason }) => [file.slice(folder.length + 1), reason])).toEqual([
      ['b-upside-down.xdi', 'inverted-edge'],
      ['c-wrong-element.XDI', 'grid-not-covered'],
      ['d-no-xdi.xd', 'malformed-xdi'],
      ['deeper/lco.xdi', undefined],
      ['e-empty.xdi', 'malformed-xdi'],
    ]);
    const answer = lines[3];
    expect(answer).toMatchObject({ element: 'Co', edge: 'K', preparation: { energyShiftSource: 'table' } });
    expect(['accept', 'accumulate', 'rescan', 'inspect']).toContain(answer.advice);
    expect(answer.map).toEqual({ x: expect.any(Number), y: expect.any(Number) });
    expect(answer.descriptors.OS).toMatchObject({ value: 3, confidence: expect.any(Number) });
    expect(answer.descriptors.CN).toMatchObject({ value: 6 });
    expect(answer.descriptors.OCN).toMatchObject({ value: 6 });
    expect(answer.descriptors.NNRS).toMatchObject({
      low: expect.any(Number),
      high: expect.any(Number),
      level: 0.9,
    });
    for (const { verdict, reason } of Object.values<{ verdict: string; reason: string }>(
      answer.descriptors,
    )) {
      expect(['accept', 'flag', 'reject']).toContain(verdict);
      expect(reason === 'ok').toBe(verdict === 'accept');
    }
  });

  test('prints a table otherwise', () => {
    const { status, stdout } = predict(join(folder, 'deeper', 'lco.xdi'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/lco\.xdi\s+Co\s+[a-z]+\s+OS 3 \[0\.\d\d\] \S+.*CN 6 .*OCN 6 /);
    expect(stdout).not.toContain('NNRS');
  });

  test('fails only if nothing could be read', () => {
    const { status, stdout, stderr } = predict(join(folder, 'd-no-xdi.xd'), join(folder, 'e-empty.xdi'));
    expect(status).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toContain('Expected at least one scan that can be read, got none in 2 files');
    expect(predict().status).toBe(2);
    expect(predict('--help').stdout).toContain('npm run -s predict');
  });

  test('a model that is not there is said in one line', () => {
    const { status, stderr } = predict('--model', join(folder, 'nowhere'), join(folder, 'deeper', 'lco.xdi'));
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^Expected --model to name .*nowhere/)]);
  });
});
