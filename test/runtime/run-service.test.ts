import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type ProcessOptions,
  type RunningProcess,
  startProcess,
  typescript,
} from '../../demo/services/start-process.ts';
import { until } from '../until.ts';

let started: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(started.map((each) => each.stop()));
  started = [];
});

/** Nobody listens there: a start waits for a broker for 15 s. */
const NO_BROKER = { KAFKA_BROKERS: '127.0.0.1:1', PORT: '0' };

/** Is told to stop as soon as its output matches `ready`. */
async function stopped(options: ProcessOptions & { readonly ready: RegExp }): Promise<RunningProcess> {
  const service = await startProcess('service', { ...options, env: { LOG_LEVEL: 'info', ...options.env } });
  started.push(service);
  service.signal('SIGTERM');
  return service;
}

/** ms from the signal to the end by the service's own log: what a busy machine adds before and behind is not in it. */
function stoppingMs(service: RunningProcess): number {
  const lines = service.output().split('\n');
  const timeOf = (message: string): number =>
    JSON.parse(lines.find((line) => line.includes(`"msg":"${message}"`))!).time;
  return timeOf('stopped') - timeOf('stopping');
}

const IN_ORDER = { code: 0, signal: null };
const PROMPT_MS = 2_000;

describe('SIGTERM during a start', () => {
  test.each<[string, ProcessOptions & { readonly ready: RegExp }]>([
    [
      'that waits for something harmless',
      { ...typescript('test/runtime/waiting-service.ts', ['harmless']), ready: /waiting/ },
    ],
    [
      'of a service that waits for a broker',
      { ...typescript('src/bin/changes.ts'), env: NO_BROKER, ready: /health and metrics/ },
    ],
  ])('%s ends it at once', async (_, options) => {
    const service = await stopped(options);
    expect(await service.exited).toEqual(IN_ORDER);
    expect(stoppingMs(service)).toBeLessThan(PROMPT_MS);
  });

  test('is held back by what must not be interrupted, and by nothing that comes after it', async () => {
    const service = await stopped({
      ...typescript('test/runtime/waiting-service.ts', ['loading']),
      ready: /loading/,
    });
    await until(() => service.output().includes('"msg":"stopping"'));
    service.signal('SIGUSR2');
    expect(await service.exited).toEqual(IN_ORDER);
    expect(service.output()).toMatch(/"stopping".*loaded.*"stopped"/s);
  });

  test('is not held back for ever', async () => {
    const service = await stopped({
      ...typescript('test/runtime/waiting-service.ts', ['loading']),
      ready: /loading/,
    });
    expect(await service.exited).toEqual(IN_ORDER);
    expect(service.output()).toContain('not closed within 8000 ms');
  });

  test('of a processor is held back until its model is loaded', async () => {
    const service = await stopped({
      ...typescript('test/runtime/loading-processor.ts'),
      env: NO_BROKER,
      ready: /loading/,
    });
    expect(await service.exited).toEqual(IN_ORDER);
    expect(service.output()).toMatch(/"stopping".*"model loaded".*"stopped"/s);
  });
});
