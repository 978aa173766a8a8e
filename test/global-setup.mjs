import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { openHandles } from './open-handles.mjs';

/**
 * One Kafka and one Redis for a whole jest run, in KAFKA_BROKERS_TEST and REDIS_URL_TEST. Each is started only when a
 * test file of the run names its variable: a run of pure functions starts in a moment. Tests share them, so each
 * takes topics, groups and Redis keys of its own.
 */
export default async function globalSetup(globalConfig, projectConfig) {
  const files = testFiles(join(projectConfig.rootDir, 'test'), globalConfig.testPathPatterns.patterns);
  const sources = files.map((file) => readFileSync(file, 'utf8'));
  const needed = (variable) => sources.some((source) => source.includes(variable));
  const service = (name) => tsImport(`../demo/services/start-${name}.ts`, import.meta.url);

  const services = [];
  globalThis.servicesOfThisRun = services;
  if (needed('REDIS_URL_TEST')) {
    const { startRedis } = await service('redis');
    const redis = await startRedis();
    services.push(redis);
    process.env.REDIS_URL_TEST = redis.url;
  }
  if (needed('KAFKA_BROKERS_TEST')) {
    const { startKafka } = await service('kafka');
    const kafka = await startKafka();
    services.push(kafka);
    process.env.KAFKA_BROKERS_TEST = kafka.brokers.join(',');
  }
  // Asked by tools/run-tests.mjs when jest has reported and does not end.
  process.on('SIGUSR2', () => {
    for (const line of openHandles()) console.error(`  ${line}`);
    console.error('npx jest --detectOpenHandles FILE shows where the test file opened it.');
  });
  // jest leaves without its teardown when it is interrupted.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () =>
      Promise.all(services.map((each) => each.close())).finally(() => process.exit(code)),
    );
  }
}

function testFiles(folder, patterns) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith('.test.ts'))
    .filter(
      (file) => patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern, 'i').test(file)),
    );
}
