import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { isFatal } from '../../src/common/errors.ts';
import { configHelp, readConfig } from '../../src/runtime/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'xanes-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: string) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, content);
  return path;
};

test('defaults hold where nothing is said', () => {
  const config = readConfig({});
  expect(config.KAFKA_BROKERS).toEqual(['localhost:9092']);
  expect(config.TOPIC_SCANS).toBe('xanes.scans.v1');
  expect(config.BATCH_MAX_WAIT_MS).toBe(2);
});

test('the environment wins over the file, the file over the defaults', () => {
  const XANES_CONFIG = file('{ "KAFKA_GROUP": "from-file", "BATCH_MAX_SIZE": 8 }');
  const config = readConfig({ XANES_CONFIG, KAFKA_GROUP: 'from-environment' });
  expect(config.KAFKA_GROUP).toBe('from-environment');
  expect(config.BATCH_MAX_SIZE).toBe(8);
});

test('lists and flags are read', () => {
  const config = readConfig({ KAFKA_BROKERS: 'a:1, b:2', KAFKA_TLS: 'true' });
  expect(config.KAFKA_BROKERS).toEqual(['a:1', 'b:2']);
  expect(config.KAFKA_TLS).toBe(true);
});

test('every wrong key is named, with what it got, in one fatal error', () => {
  const wrong = () => readConfig({ BATCH_MAX_SIZE: 'many', PORT: '70000', MODEL_ENGINE: 'abacus' });
  const keys = ['MODEL_ENGINE', 'BATCH_MAX_SIZE', 'PORT'];
  expect(wrong).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(new RegExp(keys.map((key) => `${key}: .*got`).join('[\\s\\S]*'))),
    }),
  );
  expect.assertions(2);
  try {
    wrong();
  } catch (error) {
    expect(isFatal(error)).toBe(true);
  }
});

test.each([
  ['BATCH_MAX_SIZE', 'many', 'expected an integer from 1 to 65536, got "many"'],
  ['BATCH_MAX_SIZE', '0', 'expected an integer from 1 to 65536, got "0"'],
  ['BATCH_MAX_SIZE', '1.5', 'expected an integer, not a fraction, got "1.5"'],
  ['BATCH_MAX_WAIT_MS', '-1', 'expected a number from 0 to 10000, got "-1"'],
  ['KAFKA_FETCH_BYTES', '1', 'expected an integer >= 1024, got "1"'],
  [
    'KAFKA_BROKERS',
    'localhost',
    'expected host:port, or several of them separated by commas, got "localhost"',
  ],
  ['KAFKA_BROKERS', ',', 'expected host:port, or several of them separated by commas, got ","'],
  [
    'SCHEMA_REGISTRY_URL',
    'registry',
    'expected http:// or https:// and the path of the registry\'s API, got "registry"',
  ],
  ['KAFKA_TLS', 'yes', 'expected true or false, got "yes"'],
  ['KAFKA_TLS_CA', '/no/such.pem', 'expected a file in PEM that can be read, got "/no/such.pem"'],
  ['LOG_LEVEL', 'loud', 'expected trace, debug, info, warn, error or silent, got "loud"'],
  ['REDIS_URL', 'notaurl', 'expected redis://host:port or rediss://host:port, got something else'],
])('%s=%s: %s', (key, value, message) => {
  expect(() => readConfig({ [key]: value })).toThrow(`${key}: ${message}`);
});

test('all that is wrong is named at once, what hangs together too', () => {
  const wrong = { LOG_LEVEL: 'loud', PORT: 'x', KAFKA_SASL_MECHANISM: 'plain' };
  expect(() => readConfig(wrong)).toThrow(/PORT: [\s\S]*LOG_LEVEL: [\s\S]*KAFKA_SASL_MECHANISM: needs/);
});

test('a misspelt key in the file is an error', () => {
  expect(() => readConfig({ XANES_CONFIG: file('{ "KAFKA_GRUOP": "x" }') })).toThrow(
    /KAFKA_GRUOP .*no such setting/,
  );
});

test('a file that is not JSON is an error that says so', () => {
  expect(() => readConfig({ XANES_CONFIG: file('KAFKA_GROUP=x') })).toThrow(
    /XANES_CONFIG to name a JSON file/,
  );
});

test('a login without a password is an error', () => {
  expect(() => readConfig({ KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toThrow(/KAFKA_SASL_PASSWORD/);
});

test('help names the keys and their defaults', () => {
  expect(configHelp('usage', ['KAFKA_BROKERS', 'PORT'])).toMatch(
    /KAFKA_BROKERS .*\[localhost:9092\]\n {2}PORT .*\[0\]/,
  );
});
