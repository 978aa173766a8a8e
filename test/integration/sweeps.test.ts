import { afterEach, expect, test } from '@jest/globals';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { until } from '../until.ts';
import { type Flow, startFlow } from './flow.ts';
import { swing } from './swing.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow;
let processor: RunningProcess | undefined;
afterEach(async () => {
  await processor?.stop();
  await flow.close();
});

const RECORDS = 60;
const SWEEPS = 4;
const BROKEN_RECORD = 30;
const BROKEN_SWEEP = 2;

test('every sweep of every record comes out once and in order, though a processor is killed meanwhile', async () => {
  flow = await startFlow(brokers, { partitions: 1 });
  processor = await flow.start({ KAFKA_FETCH_BYTES: '50000', KAFKA_SESSION_TIMEOUT_MS: '3000' });
  await flow.publish(
    Array.from({ length: RECORDS }, (_, i) => swing(i, SWEEPS, i === BROKEN_RECORD ? [BROKEN_SWEEP] : [])),
  );
  await until(() => flow.seen() > SWEEPS);
  processor.signal('SIGKILL');
  await processor.exited;
  processor = await flow.start({ KAFKA_SESSION_TIMEOUT_MS: '3000' });
  const { descriptors, deadLetters, lost } = await flow.outcomes();
  expect(lost).toEqual([]);
  const expected = Array.from({ length: RECORDS * SWEEPS }, (_, i) => {
    return `quick/${Math.floor(i / SWEEPS)}/${(i % SWEEPS) + 1}`;
  });
  const broken = `quick/${BROKEN_RECORD}/${BROKEN_SWEEP + 1}`;
  expect(descriptors.map(({ scanId }) => scanId)).toEqual(expected.filter((id) => id !== broken));
  expect(deadLetters).toMatchObject([
    { reason: 'non-finite', scanId: broken, source: { offset: BROKEN_RECORD } },
  ]);
  expect(deadLetters[0]!.detail).toMatch(/1 of 4 scans are refused: quick\/30\/3 \(non-finite\)/);
});
