import { type ChildProcess, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readSites } from '../../../workbench/data/dataset.ts';
import { setUpPython } from '../../../workbench/generate/python-tools.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { until } from '../../until.ts';
import { STAGES, startGenerate, writeStage, writeStages } from './generate-runs.ts';
import { writeRockSalt } from './nickel-oxide.ts';

await setUpPython(); // as `npm run setup` leaves it

/** A slow machine is no failure: each run starts Python, 4 s of CPU. */
jest.setTimeout(600_000);

describe('npm run workbench -- generate', () => {
  const home = mkdtempSync(join(tmpdir(), 'generate-'));
  const path = (name: string) => join(home, name);
  const out = path('sites.jsonl');
  const children: ChildProcess[] = [];

  beforeEach(() => {
    for (const folder of ['feff', 'scratch', 'in']) mkdirSync(path(folder), { recursive: true });
    writeStages(path('feff'));
    for (const metal of ['Ni', 'Co']) writeRockSalt(path('in'), metal);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const name of readdirSync(home)) rmSync(path(name), { recursive: true });
  });
  afterAll(() => rmSync(home, { recursive: true }));

  function start(...more: string[]) {
    const own = ['--structures', path('in'), '--absorber', 'Ni,Co', '--feff', path('feff'), '--out', out];
    const run = startGenerate([...own, ...more], { ...process.env, TMPDIR: path('scratch') });
    children.push(run.child);
    return run;
  }

  test('writes sites that training reads, logs what failed, and skips both the next time', async () => {
    // Cobalt's self-consistency finds a false solution with every mixing.
    const falseSolution = 'printf "Electronic configuration\\n 0 2 5.0\\n"';
    writeStage(path('feff'), 'pot', `grep -q "^0 27" feff.inp && ${falseSolution}; ${STAGES.pot}`);
    const first = start();
    expect(await first.ended).toBe(0);
    const [record, ...others] = linesOf<SiteRecord>(out);
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      id: 'NiO_Ni0',
      material: 'NiO',
      source: 'FEFF10',
      feff: { mixing: '0.2 3', atoms: 93 },
    });
    expect(readSites(out)[0]).toMatchObject({
      element: 'Ni',
      scale: 'feff10',
      labels: { OS: 2, CN: 6, OCN: 6 },
    });
    const failures = linesOf<{ id: string; reason: string }>(path('sites.failed.jsonl'));
    expect(failures.map(({ id }) => id)).toEqual(['CoO_Co0']);
    expect(failures[0]!.reason).toMatch(
      /0.2 3: false solution.*0.1 20: false solution.*0.05 40: false solution/,
    );

    writeStage(path('feff'), 'pot', STAGES.pot!);
    const second = start();
    expect(await second.ended).toBe(0);
    expect(second.said.text).toContain('0 to compute');
    const third = start('--retry');
    expect(await third.ended).toBe(0);
    expect(linesOf<SiteRecord>(out).map(({ id }) => id)).toEqual(['NiO_Ni0', 'CoO_Co0']);
    const beside = start('--out', path('other.jsonl'), '--besides', home); // where out is
    expect(await beside.ended).toBe(0);
    expect(beside.said.text).toContain('2 sites, 2 done');
    expect(readdirSync(path('scratch')).filter((name) => name.startsWith('feff-'))).toEqual([]);
  });

  test('an interrupt ends the stage that runs, and leaves no half of a site', async () => {
    writeStage(path('feff'), 'fms', `echo $$ > ${path('pid')}; exec sleep 3600`);
    const run = start();
    await until(() => existsSync(path('pid')) && readFileSync(path('pid'), 'utf8').endsWith('\n'));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.said.text).toContain('interrupted: the same command goes on from here');
    expect(existsSync(out)).toBe(false);
    expect(existsSync(path('sites.failed.jsonl'))).toBe(false);
    expect(readdirSync(path('scratch')).filter((name) => name.startsWith('feff-'))).toEqual([]);
    const stage = Number(readFileSync(path('pid'), 'utf8'));
    await until(() => !isRunning(stage));
  });

  test('a site that takes too long is a failure, and the next one is computed', async () => {
    writeStage(path('feff'), 'fms', 'grep -q "^0 27" feff.inp && exec sleep 3600; true');
    const run = start('--timeout', '5');
    expect(await run.ended).toBe(0);
    expect(linesOf<{ reason: string }>(path('sites.failed.jsonl'))).toMatchObject([
      { id: 'CoO_Co0', reason: 'timeout after 5 s' },
    ]);
  });

  test('sites of quenched cells that are there: no cell is made again, a faulty one is left out', async () => {
    const cells = path('sites.cells');
    cpSync('data/amorphous/sites.cells', cells, { recursive: true });
    const faulty = join(cells, 'Li7Ti11O24-a1.json');
    writeFileSync(faulty, readFileSync(faulty, 'utf8').replace(/"maxForce": [\d.]+/, '"maxForce": 3'));
    const asked = ['--amorphous', 'Fe3O4,Li7Ti11O24', '--absorber', 'Ti,Fe,O', '--limit', '3'];
    const run = startGenerate([...asked, '--feff', path('feff'), '--out', out], {
      ...process.env,
      TMPDIR: path('scratch'),
    });
    children.push(run.child);
    expect(await run.ended).toBe(0);
    expect(run.said.text).toContain('Li7Ti11O24-a1 left out: a force of 3 eV/angstrom');
    expect(run.said.text).not.toContain('quenching');
    const records = linesOf<SiteRecord>(out);
    expect(records.map(({ id }) => id)).toEqual(['Fe3O4-a1_Fe0', 'Fe3O4-a1_O18', 'Fe3O4-a1_Fe1']);
    expect(records[2]).toMatchObject({
      material: 'amorphous Fe3O4 a1',
      family: 'amorphous Fe3O4',
      cell: { name: 'Fe3O4-a1', site: 1 },
      labels: { OS: 2, CN: 5 },
      osEvidence: { byMoment: 2, byBondValence: 2, balanced: 2 },
    });
    expect(readSites(out)[0]).toMatchObject({ group: 'amorphous Fe3O4', softCn: records[0]!.softCn });
  });

  test.each([
    [['--timeout', '0'], 'Expected --timeout to be an integer >= 1, got 0'],
    [
      ['--prototypes'],
      'Expected one of --structures DIR, --prototypes, --relaxed HOST and --amorphous FORMULA',
    ],
    [['--feff', '/nowhere'], "Expected --feff to be a folder with FEFF10's rdinp, got /nowhere"],
  ])('%s is an error that names it', async (more, message) => {
    const run = start(...more);
    expect(await run.ended).toBe(1);
    expect(run.said.text).toContain(message);
  });
});

/** A process that has ended may wait as a zombie for its parent to look at it. */
function isRunning(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}
