import { afterEach, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { longestPause } from '../faults/longest-pause.ts';
import { recordFault } from '../faults/record-fault.ts';
import { exampleScan } from '../faults/scans.ts';
import { until } from '../until.ts';
import { type Flow, memoryMb, metric, startFlow } from './flow.ts';

let broker: KafkaService | undefined;
let flow: Flow | undefined;
let processor: RunningProcess | undefined;
afterEach(async () => {
  await processor?.stop();
  await flow?.close();
  await broker?.close();
});

// A broker of its own, since it is taken away from under its users.
test('a broker that is stopped, killed and started again: the processor goes on, exactly once', async () => {
  const kafka = await startKafka();
  broker = kafka;
  flow = await startFlow(kafka.brokers, { partitions: 2 });
  const { publish, seen, outcomes } = flow;
  let published = 0;
  const publishSome = async () => {
    await publish(Array.from({ length: 50 }, (_, i) => exampleScan(`sample-${i % 5}`, published + i)));
    published += 50;
  };
  await publishSome();
  processor = await flow.start(
    { FAULT_PREDICT_DELAY_MS: '20', BATCH_MAX_SIZE: '4', KAFKA_FETCH_BYTES: '8000' },
    'test/faults/worker.ts',
  );
  const pause = longestPause(seen);
  const restarts = async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const before = seen();
      await publishSome();
      await until(() => seen() > before); // in mid-stream
      await kafka.restart(signal, 2000);
      await publishSome();
    }
    return outcomes();
  };
  const { descriptors, lost, doubled } = await Promise.race([restarts(), endedEarly(processor)]);
  const recoverySeconds = pause();
  recordFault({
    fault: 'the only broker, stopped and killed',
    expected: 'holds',
    scans: published,
    faults: 2,
    lost: lost.length,
    doubled: doubled.length,
    recoverySeconds,
    memoryMb: await memoryMb(processor),
  });
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors).toHaveLength(published);
  // A commit whose answer the broker took with it is done, and not counted.
  expect(await metric(processor, 'xanes_scans_total')).toBeLessThanOrEqual(published);
  // What is tried again, and ends well, is no error for whoever is woken by one.
  expect(
    processor
      .output()
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line)),
  ).toEqual([]);
  expect((await processor.stop()).code).toBe(0);
});

/** Rejects with its output when a process ends. */
async function endedEarly({ exited, output }: RunningProcess): Promise<never> {
  const { code } = await exited;
  throw new Error(`Expected the processor to go on, it ended with ${code}:\n${output()}`);
}
