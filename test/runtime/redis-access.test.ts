import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { startProcess, typescript } from '../../demo/services/start-process.ts';
import { temporaryFolder } from '../../demo/services/temporary-folder.ts';
import { createFlowTopics } from '../../src/producers/create-topics.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { keepSecret, REDACTED_LOGS, withoutSecrets } from '../../src/runtime/log-redaction.ts';
import { redisSettings } from '../../src/runtime/redis-settings.ts';
import { makeCertificates } from '../certificates.ts';
import { until } from '../until.ts';

const root = join(import.meta.dirname, '../..');
const brokers = process.env.KAFKA_BROKERS_TEST ?? '';
const RIGHT = 'the-right/word@for:Redis';
const WRONG = 'a wrong&word%for"Redis';

let folder: ReturnType<typeof temporaryFolder>;
let port: number;
let closers: (() => unknown)[];
let stopRedis: (() => Promise<unknown>) | undefined;
const file = (name: string) => join(folder.path, name);

/** A Redis that speaks TLS alone, wants client certificates, and has an ACL user besides the default one. */
beforeAll(async () => {
  folder = temporaryFolder('redis-access');
  makeCertificates(folder.path);
  port = await getPort({ host: '127.0.0.1' });
  const redis = await startProcess('Redis', {
    command: 'redis-server',
    args: [
      ...['--port', '0', '--tls-port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder.path],
      ...['--tls-cert-file', file('server.pem'), '--tls-key-file', file('server.key')],
      ...['--tls-ca-cert-file', file('ca.pem'), '--tls-auth-clients', 'yes'],
      ...['--requirepass', 'of the default user', '--user', 'xanes', 'on', `>${RIGHT}`, '~*', '&*', '+@all'],
    ],
    ready: /Ready to accept connections/,
  });
  stopRedis = () => redis.stop();
});
afterAll(async () => {
  await stopRedis?.();
  folder.remove();
});
beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

const environment = (change: Readonly<Record<string, string | undefined>> = {}) => ({
  REDIS_URL: `rediss://127.0.0.1:${port}`,
  REDIS_USERNAME: 'xanes',
  REDIS_PASSWORD: RIGHT,
  REDIS_TLS_CA: file('ca.pem'),
  REDIS_TLS_CERT: file('client.pem'),
  REDIS_TLS_KEY: file('client.key'),
  ...change,
});

/** The answer to a PING, or the error. */
async function ping(change: Readonly<Record<string, string | undefined>>): Promise<string> {
  const settings = redisSettings(readConfig(environment(change)));
  const redis = new Redis({ ...settings, lazyConnect: true, retryStrategy: () => null });
  let failure = '';
  redis.on('error', (error) => {
    failure ||= error.message;
  });
  const answer = await redis
    .connect()
    .then(() => redis.ping())
    .catch((error: Error) => failure || error.message);
  redis.disconnect();
  return answer;
}

describe('Redis by TLS, with a client certificate and an ACL user', () => {
  test.each([
    ['all that is needed', {}, /^PONG$/],
    [
      'user and password in the address',
      { REDIS_USERNAME: undefined, REDIS_PASSWORD: undefined, inUrl: 'yes' },
      /^PONG$/,
    ],
    ['no authority', { REDIS_TLS_CA: undefined }, /self-signed certificate|unable to (get|verify)/i],
    [
      'no client certificate',
      { REDIS_TLS_CERT: undefined, REDIS_TLS_KEY: undefined },
      /certificate|closed|reset|EPIPE/i,
    ],
    ['a wrong password', { REDIS_PASSWORD: WRONG }, /WRONGPASS/],
    ['another user', { REDIS_USERNAME: 'nobody' }, /WRONGPASS/],
  ])('%s', async (_, { inUrl, ...change }: Record<string, string | undefined>, expected) => {
    const url = `rediss://xanes:${encodeURIComponent(RIGHT)}@127.0.0.1:${port}`;
    expect(await ping({ ...change, ...(inUrl && { REDIS_URL: url }) })).toMatch(expected);
  });

  test.each([
    [{ REDIS_TLS_KEY: undefined }, /REDIS_TLS_CERT and REDIS_TLS_KEY together/],
    [{ REDIS_URL: 'redis://127.0.0.1:1' }, /need a REDIS_URL of rediss:/],
    [{ REDIS_TLS_CA: '/no/such/file' }, /REDIS_TLS_CA: expected a file in PEM/],
    [{ REDIS_URL: 'notaurl' }, /REDIS_URL: expected redis:/],
  ])('%p is refused with a sentence', (change, expected) => {
    expect(() => redisSettings(readConfig(environment(change)))).toThrow(expected);
  });

  test('the dashboard works with it', async () => {
    const dashboard = await startProcess('dashboard', {
      ...typescript(join(root, 'dashboard/server/main.ts')),
      env: { ...environment(), PORT: '0' },
      ready: /"msg":"Redis answers"/,
    });
    await dashboard.stop();
  });
});

/** In every way in which a log could show it. */
const formsOf = (secret: string) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];

describe('secrets never reach a log', () => {
  const KAFKA_SECRET = 'the/word&for"Kafka';
  const OTHERS = {
    OIDC_ISSUER: 'http://127.0.0.1:9',
    OIDC_CLIENT_ID: 'xanes',
    OIDC_CLIENT_SECRET: 'what the provider knows',
    DASHBOARD_URL: 'http://127.0.0.1:8',
    SESSION_SECRET: 'the key of all the sessions there are',
    TOKEN_SECRET: 'the key of all the tokens that machines have',
  };
  const inUrl = (word: string) => ({
    REDIS_URL: `rediss://xanes:${encodeURIComponent(word)}@127.0.0.1:${port}`,
    REDIS_USERNAME: undefined,
    REDIS_PASSWORD: undefined,
  });

  async function expectSilence(
    entry: string,
    env: Readonly<Record<string, string | undefined>>,
    said: RegExp,
  ) {
    const service = await startProcess(entry, {
      ...typescript(join(root, entry)),
      env: { ...OTHERS, PORT: '0', LOG_LEVEL: 'trace', ...env },
    });
    closers.push(() => service.stop());
    await until(() => said.test(service.output()));
    await service.stop();
    const words = [
      RIGHT,
      WRONG,
      KAFKA_SECRET,
      ...Object.values(OTHERS).filter((value) => value.includes(' ')),
    ];
    for (const form of words.flatMap(formsOf)) expect(service.output()).not.toContain(form);
  }

  test.each(['setting', 'address'])('dashboard, wrong Redis password in the %s', async (where) => {
    const env = environment(where === 'setting' ? { REDIS_PASSWORD: WRONG } : inUrl(WRONG));
    await expectSilence('dashboard/server/main.ts', env, /WRONGPASS/);
  });

  test('projection, wrong Redis password', async () => {
    const topics = {
      TOPIC_SCANS: `access-${port}-scans`,
      TOPIC_DESCRIPTORS: `access-${port}-descriptors`,
      TOPIC_DEAD_LETTERS: `access-${port}-dead-letters`,
      TOPIC_RUNS: `access-${port}-runs`,
    };
    await createFlowTopics(quietKafkaClient(brokers.split(',')), readConfig(topics), 1);
    const env = { ...environment({ REDIS_PASSWORD: WRONG }), ...topics, KAFKA_BROKERS: brokers };
    await expectSilence('src/bin/projection.ts', env, /WRONGPASS/);
  });

  test('processor, a broker that wants no log-in, and one that is not there', async () => {
    const sasl = {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'x',
      KAFKA_SASL_PASSWORD: KAFKA_SECRET,
    };
    for (const KAFKA_BROKERS of [brokers, '127.0.0.1:9'])
      await expectSilence('src/bin/processor.ts', { ...sasl, KAFKA_BROKERS }, /"level":60/);
  });

  test('a wrong setting is named, a secret one not shown', async () => {
    const broken = `redis:/${encodeURIComponent(WRONG)}@no address`;
    expect(() => readConfig({ REDIS_URL: broken, TOKEN_SECRET: 'too short' })).toThrow(
      /REDIS_URL: .*not shown\n {2}TOKEN_SECRET: .*not shown/,
    );
  });

  test("control: ioredis' own error, logged as it is, shows the password", async () => {
    const error = await new Promise<Error>((resolve) => {
      const settings = redisSettings(readConfig(environment()));
      const redis = new Redis({ ...settings, password: 'unknown to the settings' });
      redis.once('error', (first) => {
        redis.disconnect();
        resolve(first);
      });
    });
    const logged = (options: object) => {
      let lines = '';
      const write = (chunk: Buffer, _: string, done: () => void) => {
        lines += chunk.toString();
        done();
      };
      pino(options, new Writable({ write })).error({ err: error }, 'Redis');
      return lines;
    };
    expect(logged({})).toContain('unknown to the settings');
    expect(logged(REDACTED_LOGS)).toMatch(/WRONGPASS/);
    expect(logged(REDACTED_LOGS)).not.toContain('unknown to the settings');
  });

  test('an address loses its user and password, whoever had them', () => {
    expect(withoutSecrets('to rediss://me:pass@host:6379/0 and http://x/y@z')).toBe(
      'to rediss://[hidden]@host:6379/0 and http://x/y@z',
    );
    keepSecret('quoted "word"');
    expect(withoutSecrets(JSON.stringify({ detail: 'a quoted "word" here' }))).toBe(
      '{"detail":"a [hidden] here"}',
    );
  });
});
