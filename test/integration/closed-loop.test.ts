import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { openChain } from '../../src/threads/open-chain.ts';
import { ROOT } from '../docs/documents.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const SAMPLES = 5;
/** eV: 30 behind the edge. */
const SHORT_TO_EV = 7757;

beforeAll(async () => {
  await promisify(execFile)('npm', ['run', '-s', 'build', '-w', '@xanes-stream/client'], { cwd: ROOT });
});

test('over a real broker the agent has as many scans measured as certainty needs, and as in one process', async () => {
  const { measuredLive } = await import('../../bench/closed-loop/live.ts');
  const { byAgent, byPlan, cells } = await import('../../bench/closed-loop/certainty.ts');
  const settings = { modelDir: modelFolder('spt'), engine: 'auto', engineThreads: 1, maxBatch: 8 } as const;
  const chain = await openChain(settings, Date.now, (stage, error) => {
    throw new Error(stage, { cause: error });
  });
  const alone = await byPlan(chain, cells(SAMPLES), 1);
  const inProcess = await byAgent(chain, cells(SAMPLES));
  const short = await byAgent(chain, cells(SAMPLES), SHORT_TO_EV);
  await chain.close();
  expect(alone.some(({ right }) => right === null)).toBe(true); // one scan of each is not enough
  expect(inProcess.every(({ right }) => right)).toBe(true);
  expect(short.every(({ right }) => right)).toBe(true);
  const pointsPerScan = ({ points, scans }: { points: number; scans: number }) => points / scans;
  expect(pointsPerScan(short[1]!)).toBeLessThan(pointsPerScan(inProcess[1]!));
  const live = await measuredLive(brokers, `closed-loop-${randomUUID().slice(0, 8)}`, SAMPLES);
  expect(live.every(({ right }) => right)).toBe(true);
  expect(live).toEqual(inProcess);
}, 600_000);
