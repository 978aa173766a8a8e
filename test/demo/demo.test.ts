import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { connected, fromJson, openSocket } from '../dashboard/start-dashboard.ts';
import { until } from '../until.ts';

const MINUTES = 60_000;
const READY = /Dashboard: (http:\S+)/;

/** A demo whose processes can all be told by a mark in their environment, children's children too. */
async function startDemo(mark: string, ...flags: string[]): Promise<RunningProcess> {
  const demo = await startProcess('demo', {
    ...typescript('demo/demo.ts', flags),
    env: { KAFKA_BROKERS: undefined, REDIS_URL: undefined, DEMO_MARK: mark },
    ready: READY,
    readyTimeoutMs: 8 * MINUTES,
  });
  running.push(demo);
  return demo;
}

const running: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((demo) => demo.stop()));
});

describe('demo', () => {
  test(
    'runs an experiment to its end beside another demo, and neither leaves anything behind',
    async () => {
      const marks = [randomUUID(), randomUUID()] as const;
      const [once, endless] = await Promise.all([
        startDemo(marks[0], '--once', '--scans', '120', '--rate', '60', '--processors', '2'),
        startDemo(marks[1], '--rate', '10', '--scans', '150'),
      ]);
      const [first, second] = [once, endless].map((demo) => READY.exec(demo.output())![1]!);
      expect(first).not.toBe(second);
      const page = await fetch(second!);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<!doctype html>');

      expect(await once.exited).toEqual({ code: 0, signal: null });
      const report = once.output();
      expect(report).toMatch(
        /120 scans in, 11\d descriptors out, \d+ dead letters, lag 0, latency p50 \d+ ms/,
      );
      expect(report).toContain('Exactly once: yes. Each of 120 scans has one outcome, each sample in order.');
      expect(report).toMatch(/^non-finite +nan +1$/m);
      expect(report).toMatch(/^malformed-avro +truncated +1$/m);
      expect(report).toMatch(/^\S+ +wrong-element +1$/m);
      expect(report).toMatch(/^inverted-edge +inverted +1$/m);
      // Eleven steps of x, each with scans that were read.
      expect(report.match(/^ +\d\.\d +\d\.\d\d .* \d\.\d\d +\d+ +\d+$/gm)).toHaveLength(11);

      // Between its standards mean oxidation states are accepted.
      expect(Number(/^mean OS +(\d+) /m.exec(report)![1])).toBeGreaterThan(20);
      expect(report).toMatch(/^Mean OS of accepted scans: off by 0\.\d+ in the mean/m);

      // Its agent asked while the beam was bad, and its beamline measured, as the page shows.
      const socket = openSocket(second!);
      socket.connect();
      await connected(socket);
      await until(async () => {
        await setTimeout(500); // a page that asked at every turn would be refused
        const answer = await socket.emitWithAck('snapshot');
        if ('unavailable' in answer) return false;
        return fromJson(answer).acknowledgements.some(({ status, scans }) => status === 'DONE' && scans > 0);
      });
      socket.close();

      // Kafka, Redis, projection, dashboard, changes, processor, agent and the demo itself.
      expect(processesOf(marks[1], endless).length).toBeGreaterThanOrEqual(8);
      endless.signal('SIGINT');
      expect(await endless.exited).toEqual({ code: 130, signal: null });
      for (const [i, demo] of [once, endless].entries()) {
        expect(processesOf(marks[i]!, demo)).toEqual([]);
        expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`xanes-stream-${demo.pid}-`))).toEqual(
          [],
        );
      }
    },
    10 * MINUTES,
  );

  test('an agent that it does not know ends it too', async () => {
    const demo = await startProcess('demo', typescript('demo/demo.ts', ['--agent', 'any']));
    expect(await demo.exited).toEqual({ code: 2, signal: null });
    expect(demo.output()).toContain('Expected --agent to be lab or none, got any');
  });

  test('a flag that it does not know ends it before anything starts', async () => {
    const demo = await startProcess('demo', typescript('demo/demo.ts', ['--speed', '3']));
    expect(await demo.exited).toEqual({ code: 2, signal: null });
    expect(demo.output()).toContain("Unknown option '--speed'");
    expect(demo.output()).not.toContain('Starting');
  });
});

/** The demo and all that it started. Redis writes its title over its environment, but works in the demo's folder. */
function processesOf(mark: string, demo: RunningProcess): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const inFolder = readlinkSync(`/proc/${pid}/cwd`).startsWith(
        join(tmpdir(), `xanes-stream-${demo.pid}-`),
      );
      return inFolder || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      return false; // no process, or gone since
    }
  });
}
