import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import { startProcess, typescript } from '../../../demo/services/start-process.ts';
import { startRedis } from '../../../demo/services/start-redis.ts';
import { startServices } from '../../../demo/services/start-services.ts';
import { createTopics } from '../../../src/producers/create-topics.ts';
import { until } from '../../until.ts';

const fixture = join(import.meta.dirname, 'hold-services.ts');

describe('services', () => {
  test('given addresses are used, and left alone', async () => {
    const redis = await startRedis();
    const services = await startServices({ KAFKA_BROKERS: 'a:1,b:2', REDIS_URL: redis.url });
    expect(services.brokers).toEqual(['a:1', 'b:2']);
    expect(services.redisUrl).toBe(redis.url);
    await services.close();
    expect(isAlive(redis.pid)).toBe(true);
    await redis.close();
    expect(isAlive(redis.pid)).toBe(false);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('nothing outlives an owner ended by %s', async (signal) => {
    const owner = await startProcess('owner', { ...typescript(fixture), ready: /^\{.*\}\n/m });
    const held = JSON.parse(owner.output()) as { pids: number[] };
    expect(held.pids.map(isAlive)).toEqual([true, true]);
    owner.signal(signal);
    await owner.exited;
    await until(() => !held.pids.some(isAlive));
    // A killed owner cannot tidy up: whoever starts next does it.
    if (signal === 'SIGKILL') await (await startRedis()).close();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`xanes-stream-${owner.pid}-`))).toEqual([]);
  });
});

describe('topics', () => {
  const brokers = (process.env.KAFKA_BROKERS_TEST ?? '').split(',');

  test('only those that are missing are created', async () => {
    const name = `topics-${process.pid}-${performance.now()}`;
    expect(await createTopics(quietKafkaClient(brokers), [`${name}-a`], 3)).toEqual([`${name}-a`]);
    expect(await createTopics(quietKafkaClient(brokers), [`${name}-a`, `${name}-b`])).toEqual([`${name}-b`]);
    const admin = quietKafkaClient(brokers).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [`${name}-a`, `${name}-b`] });
    await admin.disconnect();
    const partitions = Object.fromEntries(topics.map((topic) => [topic.name, topic.partitions.length]));
    expect(partitions).toEqual({ [`${name}-a`]: 3, [`${name}-b`]: 4 });
  });
});

/** Linux keeps a killed process's entry until its new parent has collected it: that one no longer runs. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && existsSync(`/proc/${pid}/cwd/.`);
}
