import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { startProcess, typescript } from '../../demo/services/start-process.ts';
import { readConfig } from '../../src/runtime/config.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!;

test('npm run topics creates every topic but that of Bluesky, and a second time none', async () => {
  const id = randomUUID().slice(0, 8);
  const settings = Object.keys(readConfig({})).filter((name) => /^TOPIC_(?!PARTITIONS|BLUESKY)/.test(name));
  const env = Object.fromEntries(settings.map((name) => [name, `${name.toLowerCase()}-${id}`]));
  const topics = async () => {
    const running = await startProcess('topics', {
      ...typescript('src/bin/topics.ts'),
      env: { ...env, KAFKA_BROKERS: brokers },
    });
    const { code } = await running.exited;
    return { code, lines: running.output().trim().split('\n').sort() };
  };
  const all = (what: string) => ({
    code: 0,
    lines: Object.values(env)
      .map((name) => `${name}: ${what}`)
      .sort(),
  });
  expect(await topics()).toEqual(all('created'));
  expect(await topics()).toEqual(all('was there'));
});
