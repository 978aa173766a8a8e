import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { tableReader } from '../../src/consumers/table-reader.ts';
import { untilPasses } from '../until.ts';

const kafka = quietKafkaClient(process.env.KAFKA_BROKERS_TEST!.split(','));
const topic = `table-reader-${randomUUID().slice(0, 8)}`;
const admin = kafka.admin();
afterAll(() => admin.disconnect());

const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

test('leaves no connection open, whatever it was doing when it is closed', async () => {
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  const before = sockets();
  for (let ms = 0; ms < 60; ms += 5) {
    const reader = tableReader({
      ...{
        kafka,
        topic,
        nowMs: Date.now,
        sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
      },
      ...{ onRecords() {}, onReset() {}, onWarning() {} },
      onCrash: (error) => {
        throw error;
      },
    });
    reader.start();
    await sleep(ms);
    await reader.close();
  }
  // A socket is gone a turn after its end.
  await untilPasses(async () => expect(sockets()).toBe(before), 10_000);
});
