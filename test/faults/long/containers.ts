import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { parse } from 'yaml';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess } from '../../../demo/services/start-process.ts';
import { type RedisService, startRedis } from '../../../demo/services/start-redis.ts';
import { connected, fromJson, openSocket } from '../../dashboard/start-dashboard.ts';
import { importTool } from '../../import-tool.ts';
import { type Flow, memoryMb, startFlow } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { longestPause } from '../longest-pause.ts';
import { recordFault } from '../record-fault.ts';

// The images of the Dockerfile, run as docker-compose.yml says: user, root, capabilities, init, command, health check.
// Broker and Redis are ours, on the host's network, since their images would come from a registry.

type ComposeService = {
  readonly build: { readonly target: 'services' | 'replay' };
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly [key: string]: unknown;
};
/** As tools/build-images.mjs gives them. */
type Images = {
  readonly images: Readonly<Record<'services' | 'replay', string>>;
  readonly global: readonly string[];
  readonly limits: readonly string[];
};
type Container = RunningProcess & { readonly id: string; readonly port: number };

const ROOT = join(import.meta.dirname, '../../..');
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
const SCANS = 300;

let built: Images;
let broker: KafkaService;
let redis: RedisService;
let flow: Flow;
const containers: Container[] = [];
beforeAll(async () => {
  const { buildImages } = await importTool<{ buildImages(): Promise<Images> }>('build-images');
  built = await buildImages();
  [broker, redis] = await Promise.all([startKafka(), startRedis()]);
  flow = await startFlow(broker.brokers);
}, 1_800_000);
afterAll(async () => {
  for (const { id } of containers) podman('rm', '--force', '--ignore', id);
  await flow?.close();
  await Promise.all([redis?.close(), broker?.close()]);
});

const podman = (...args: readonly string[]): string =>
  execFileSync('podman', [...built.global, ...args], { encoding: 'utf8', stdio: 'pipe' });
const inside = ({ id }: Container, ...command: readonly string[]): string => podman('exec', id, ...command);

/** What docker-compose.yml says of a service, as podman takes it; of a key that is not known here it is told. */
function flagsOf({
  init,
  user,
  read_only,
  tmpfs,
  cap_drop,
  security_opt,
  ...rest
}: ComposeService): string[] {
  const KNOWN = [
    'build',
    'image',
    'restart',
    'environment',
    'depends_on',
    'healthcheck',
    'stop_grace_period',
    'profiles',
  ];
  const unknown = Object.keys(rest).filter((key) => ![...KNOWN, 'command', 'ports'].includes(key));
  expect(unknown).toEqual([]);
  const each = (flag: string, values: unknown) => (values as string[]).map((value) => `--${flag}=${value}`);
  return [
    ...[`--init=${init}`, `--read-only=${read_only}`, `--user=${user}`, ...each('tmpfs', tmpfs)],
    ...[...each('cap-drop', cap_drop), ...each('security-opt', security_opt)],
  ];
}

async function start(name: string, more: readonly string[] = []): Promise<Container> {
  const service: ComposeService = compose.services[name];
  const port = await getPort({ host: '127.0.0.1' });
  const id = `xanes-test-${name}-${port}`;
  const own = { ...flow.env, REDIS_URL: redis.url, HOST: '127.0.0.1', PORT: `${port}` };
  const env = Object.entries({ ...service.environment, ...own }).map(
    ([key, value]) => `--env=${key}=${value}`,
  );
  const args = [
    ...[...built.global, 'run', '--rm', '--name', id, '--network', 'host', ...built.limits],
    ...[...flagsOf(service), ...env, built.images[service.build.target], ...service.command, ...more],
  ];
  const container = { ...(await startProcess(id, { command: 'podman', args, graceMs: 30_000 })), id, port };
  containers.push(container);
  return container;
}

/** By the health check of docker-compose.yml itself. */
function isHealthy(name: string, container: Container): boolean {
  const [, ...check] = (compose.services[name] as ComposeService).healthcheck.test;
  try {
    inside(container, ...check.map((word) => word.replace('8080', `${container.port}`)));
    return true;
  } catch {
    return false;
  }
}

async function startHealthy(name: string): Promise<Container> {
  const container = await start(name);
  await until(() => {
    if (container.output().includes('"level":60')) throw new Error(container.output());
    return isHealthy(name, container);
  }, 240_000);
  return container;
}

describe('the services in containers, on a read-only root without capabilities', () => {
  test('topics are made, scans come out exactly once though a processor is killed, all end with 0', async () => {
    const topics = await start('topics');
    expect(await topics.exited).toEqual({ code: 0, signal: null });
    const there = Object.entries(flow.env).flatMap(([name, topic]) =>
      name.startsWith('TOPIC_') ? [`${topic}: was there`] : [],
    );
    expect(topics.output().split('\n')).toEqual(expect.arrayContaining(there));

    const services = [];
    for (const name of ['processor', 'processor', 'projection', 'dashboard', 'changes', 'accumulate'])
      services.push(await startHealthy(name));
    const [killed, ...others] = services as [Container, ...Container[]];
    const dashboard = others[2]!;
    const replay = await start('replay', ['--once', '--scans', String(SCANS), '--rate', '30']);
    await until(() => flow.seen() > SCANS / 3);
    const pause = longestPause(flow.seen);
    podman('kill', '--signal', 'KILL', killed.id);
    expect((await replay.exited).code).toBe(0);
    const recoverySeconds = pause();
    const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
    recordFault({
      fault: 'services in containers, one processor killed',
      expected: 'holds',
      scans: descriptors.length + deadLetters.length,
      faults: 1,
      lost: lost.length,
      doubled: doubled.length,
      recoverySeconds,
      memoryMb: await memoryMb(others[0]!),
    });
    expect({ lost, doubled, count: descriptors.length + deadLetters.length }).toEqual({
      ...{ lost: [], doubled: [], count: SCANS },
    });

    const url = `http://127.0.0.1:${dashboard.port}`;
    expect(await (await fetch(url)).text()).toContain('<div id="page">');
    const socket = openSocket(url);
    await connected(socket);
    await until(async () => {
      const snapshot = await socket.emitWithAck('snapshot');
      if ('unavailable' in snapshot) return false;
      const { samples } = fromJson(snapshot);
      return samples.reduce((sum, { counts }) => sum + counts.scans, 0) === descriptors.length;
    });
    socket.disconnect();

    for (const container of others) expectLeastRights(container);
    for (const container of others)
      expect({ id: container.id, ...(await container.stop()) }).toMatchObject({ id: container.id, code: 0 });
  }, 1_200_000);
});

/** A user, nothing that it may do beyond a user's rights, and no place to write but /tmp. */
function expectLeastRights(container: Container): void {
  const status = inside(container, 'cat', '/proc/1/status');
  expect(/^Uid:\s+(\d+)/m.exec(status)![1]).toBe('1000');
  for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'])
    expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  const write = (path: string) =>
    inside(
      container,
      'node',
      '-e',
      `try { require('fs').writeFileSync('${path}', ''); console.log('written') }
      catch (error) { console.log(error.code) }`,
    ).trim();
  expect(['/app/x', '/x', '/tmp/x'].map(write)).toEqual(['EROFS', 'EROFS', 'written']);
}
