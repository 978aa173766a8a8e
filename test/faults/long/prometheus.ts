import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../../demo/services/start-process.ts';
import { type RedisService, startRedis } from '../../../demo/services/start-redis.ts';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { buildPage, startDashboard } from '../../dashboard/start-dashboard.ts';
import { importTool } from '../../import-tool.ts';
import { addressOf, type Flow, startFlow } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { exampleScan } from '../scans.ts';

// Rules and board in the real Prometheus of Debian, which scrapes the real services.

const DEPLOY = join(import.meta.dirname, '../../../deploy');
const SCANS = 60;

let programs: string;
let folder: ReturnType<typeof temporaryFolder>;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  const { fetchPrometheus } = await importTool<{ fetchPrometheus(): Promise<string> }>('fetch-prometheus');
  programs = await fetchPrometheus();
  folder = temporaryFolder('prometheus');
  buildPage();
}, 600_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  folder?.remove();
});

test('promtool: the rules are rules, a system at work fires none, each fault fires its own', () => {
  const promtool = (...args: string[]) =>
    execFileSync(join(programs, 'promtool'), args, { encoding: 'utf8', stdio: 'pipe' });
  expect(promtool('check', 'rules', join(DEPLOY, 'prometheus/alerts.yml'))).toMatch(/SUCCESS/);
  expect(promtool('test', 'rules', join(DEPLOY, 'prometheus/alerts.test.yml'))).toMatch(/SUCCESS/);
  // Control: a rule that never fires is found out.
  cpSync(join(DEPLOY, 'prometheus'), folder.path, { recursive: true });
  const rules = join(folder.path, 'alerts.yml');
  writeFileSync(rules, readFileSync(rules, 'utf8').replace('absent(xanes_in_work_scans)', 'vector(1) < 0'));
  expect(() => promtool('test', 'rules', join(folder.path, 'alerts.test.yml'))).toThrow(/XanesNoProcessor/);
});

describe('Prometheus beside the services', () => {
  let broker: KafkaService;
  let redis: RedisService;
  let flow: Flow;
  let processor: RunningProcess;
  let url: string;
  beforeAll(async () => {
    [broker, redis] = await Promise.all([startKafka(), startRedis()]);
    closers.push(() => broker.close());
    flow = await startFlow(broker.brokers);
    closers.push(() => flow.close());
    processor = await flow.start();
    const projection = await startProcess('projection', {
      ...typescript('src/bin/projection.ts'),
      env: { ...flow.env, REDIS_URL: redis.url },
      ready: /"msg":"projecting"/,
      readyTimeoutMs: 240_000,
    });
    const dashboard = await startDashboard({ REDIS_URL: redis.url });
    closers.push(
      () => processor.stop(),
      () => projection.stop(),
      () => dashboard.stop(),
    );
    url = await startPrometheus([addressOf(processor), addressOf(projection), dashboard.url]);
  }, 600_000);

  /** Scrapes every second; alerts wait for two seconds in place of minutes. */
  async function startPrometheus(targets: readonly string[]): Promise<string> {
    const at = (name: string) => join(folder.path, name);
    const rules = readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8');
    writeFileSync(at('rules.yml'), rules.replaceAll(/for: \d+m/g, 'for: 2s'));
    const hosts = targets.map((target) => new URL(target).host);
    writeFileSync(
      at('prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [at('rules.yml')],
        scrape_configs: [{ job_name: 'xanes', static_configs: [{ targets: hosts }] }],
      }),
    );
    const address = `127.0.0.1:${await getPort({ host: '127.0.0.1' })}`;
    const prometheus = await startProcess('Prometheus', {
      command: join(programs, 'prometheus'),
      args: [
        ...[`--config.file=${at('prometheus.yml')}`, `--storage.tsdb.path=${at('data')}`],
        `--web.listen-address=${address}`,
      ],
      ready: /Server is ready to receive web requests/,
    });
    closers.push(() => prometheus.stop());
    return `http://${address}`;
  }

  async function ask<T>(path: string): Promise<T> {
    type Answer = { readonly status: string; readonly data: T; readonly error?: string };
    const { status, data, error } = (await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer;
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }
  const samples = async (expr: string) =>
    (await ask<{ result: readonly unknown[] }>(`query?query=${encodeURIComponent(expr)}`)).result.length;
  const firing = async () =>
    (await ask<{ alerts: readonly { state: string; labels: { alertname: string } }[] }>('alerts')).alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels.alertname);

  test('every panel of the board has something to draw, and every rule is evaluated', async () => {
    for (let from = 0; from < SCANS; from += 10)
      await flow.publish(Array.from({ length: 10 }, (_, i) => exampleScan(`sample-${i}`, from + i)));
    await until(() => flow.seen() === SCANS);
    const board = JSON.parse(readFileSync(join(DEPLOY, 'grafana/xanes-stream.json'), 'utf8'));
    for (const { title, targets } of board.panels) {
      for (const { expr } of targets) {
        await until(async () => (await samples(expr)) > 0).catch(() => {
          throw new Error(`Expected the panel ${title} to have samples of ${expr}`);
        });
      }
    }
    type Rules = { groups: readonly { rules: readonly { name: string; health: string }[] }[] };
    await until(async () => {
      const { groups } = await ask<Rules>('rules');
      return groups.flatMap(({ rules }) => rules).every(({ health }) => health === 'ok');
    });
    expect(await samples('up == 1')).toBe(3);
    expect(await firing()).toEqual([]);
  }, 300_000);

  test('alerts fire when the processor is killed and Redis is gone', async () => {
    processor.signal('SIGKILL');
    await redis.close();
    await until(async () => {
      const now = await firing();
      return now.includes('XanesNoProcessor') && now.includes('XanesRedisAway');
    });
  }, 300_000);
});
