import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Queue } from 'bullmq';
import { type RedisService, startRedis } from '../../../demo/services/start-redis.ts';
import { setUpPython } from '../../../workbench/generate/python-tools.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { until } from '../../until.ts';
import { startGenerate, writeStages } from './generate-runs.ts';
import { writeRockSalt } from './nickel-oxide.ts';

await setUpPython(); // as `npm run setup` leaves it

/** A slow machine is no failure. */
jest.setTimeout(600_000);
const METALS = ['Ni', 'Co', 'Mn', 'Fe'];

const home = mkdtempSync(join(tmpdir(), 'site-queue-'));
const path = (name: string) => join(home, name);
const out = path('sites.jsonl');
const children: ChildProcess[] = [];
let redis: RedisService;
beforeAll(async () => {
  redis = await startRedis();
  for (const folder of ['in', 'feff', 'lost']) mkdirSync(path(folder));
  for (const metal of METALS) writeRockSalt(path('in'), metal);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await redis.close();
  rmSync(home, { recursive: true, force: true });
});

function generate(...args: string[]) {
  const run = startGenerate(args);
  children.push(run.child);
  return run;
}
const collect = (...more: string[]) =>
  generate(
    ...['--structures', path('in'), '--absorber', METALS.join(','), '--out', out],
    ...['--feff', path('feff'), '--queue', redis.url, ...more],
  );
const work = (feff: string, ...more: string[]) =>
  generate('--work', redis.url, '--feff', path(feff), ...more);

test('two machines share the sites, one is lost in mid-site: each site is kept once', async () => {
  // The one that will be lost hangs in its first site; the other fails at cobalt's.
  writeStages(path('lost'), { fms: `echo $$ > ${path('hangs')}; exec sleep 3600` });
  writeStages(path('feff'), { fms: 'grep -q "^0 27" feff.inp && exit 3; true' });
  const first = collect();
  const lost = work('lost');
  await until(() => existsSync(path('hangs')) && readFileSync(path('hangs'), 'utf8').endsWith('\n'));
  lost.child.kill('SIGKILL');
  process.kill(Number(readFileSync(path('hangs'), 'utf8')), 'SIGKILL');
  const other = work('feff', '--idle', '2');
  await until(() => linesOf(out).length > 0);

  // The collector is interrupted, too: what ends meanwhile waits for the next.
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  expect(first.said.text).toMatch(/of 4 sites; \d on \d workers, \d waiting/);
  const second = collect();
  expect(await second.ended).toBe(0);
  expect(await other.ended).toBe(0);
  expect(other.said.text).toContain('nothing to do for 2 s');

  const records = linesOf<SiteRecord>(out);
  expect(records.map(({ id }) => id).sort()).toEqual(['FeO_Fe0', 'MnO_Mn0', 'NiO_Ni0']);
  expect(records[0]).toMatchObject({ source: 'FEFF10', labels: { OS: 2, CN: 6 }, feff: { atoms: 93 } });
  expect(linesOf(path('sites.failed.jsonl'))).toEqual([
    { id: 'CoO_Co0', reason: expect.stringContaining("FEFF's fms ended with code 3") },
  ]);
  const queue = new Queue('xanes-sites', { connection: { url: redis.url } });
  expect(Object.values(await queue.getJobCounts()).every((count) => count === 0)).toBe(true);
  await queue.close();
  const third = collect();
  expect(await third.ended).toBe(0);
  expect(third.said.text).toContain('0 to compute');
});

test('an interrupted machine gives its site back at once', async () => {
  rmSync(path('hangs'));
  rmSync(out);
  const collector = collect('--limit', '1');
  const machine = work('lost');
  await until(() => existsSync(path('hangs')) && readFileSync(path('hangs'), 'utf8').endsWith('\n'));
  machine.child.kill('SIGTERM');
  expect(await machine.ended).toBe(130);
  writeStages(path('feff'));
  const other = work('feff', '--idle', '2');
  expect(await collector.ended).toBe(0);
  expect(await other.ended).toBe(0);
  expect(linesOf<SiteRecord>(out)).toHaveLength(1);
});

test.each([
  [['--work', 'localhost'], 'Expected --work like redis://host:6379, got localhost'],
  [['--prototypes', '--queue', 'http://x'], 'Expected --queue like redis://host:6379, got http://x'],
  [['--work', 'redis://127.0.0.1:1', '--idle', 'x'], 'Expected --idle to be an integer >= 1, got x'],
])('%s is an error that names it', async (args, message) => {
  const run = generate(...args);
  expect(await run.ended).toBe(1);
  expect(run.said.text).toContain(message);
});
