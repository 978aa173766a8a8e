import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const file = join(import.meta.dirname, '../../tools/bootstrap.mjs');
const bootstrap = (...args: string[]) => spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
/** Where no command can be found. */
const NOWHERE = { PATH: join(process.execPath, '..', 'none'), HOME: process.env.HOME };

describe('bootstrap', () => {
  test.each([[['--help']], [['test', '--help']], [['setup', '--help']], [['setup', 'page', '--help']]])(
    '%j says how it is used',
    (args) => {
      const { stdout, status } = bootstrap(...args);
      expect(stdout).toContain('npm run demo');
      expect(stdout).toContain('npm run setup');
      expect(status).toBe(0);
    },
  );

  test.each([
    [['fly'], 'Expected demo, test or setup, got fly: see --help\n'],
    [[], 'Expected demo, test or setup, got nothing: see --help\n'],
    [
      ['setup', 'page', 'fly'],
      'Expected parts of services, page, client, tensorflow, tensorflow-gpu, tests, cuda, got fly\n',
    ],
  ])('refuses %j in one line', (args, line) => {
    const { stderr, status } = bootstrap(...args);
    expect(stderr).toBe(line);
    expect(status).toBe(2);
  });

  test('the demo refuses a flag that it does not know', () => {
    const { stderr, status } = bootstrap('demo', '--fly');
    expect(stderr).toMatch(/^Unknown option '--fly'; --help lists the options\n$/m);
    expect(status).toBe(2);
  });

  test('without apt and rights it names the packages and the command', () => {
    const env = { ...NOWHERE, KAFKA_BROKERS: '' };
    const { stderr, status } = spawnSync(process.execPath, [file, 'setup', 'services'], {
      encoding: 'utf8',
      env,
    });
    expect(stderr).toMatch(/Expected java, (mvn, )?redis-server to be installed/);
    expect(stderr).toMatch(
      /apt-get install -y --no-install-recommends default-jre-headless (maven )?redis-server/,
    );
    expect(status).toBe(1);
  });

  test('what is given, and what is there, is not set up', () => {
    const env = { ...NOWHERE, KAFKA_BROKERS: 'localhost:1', REDIS_URL: 'redis://localhost:1' };
    const args = [file, 'setup', 'services', 'tensorflow'];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    expect([stdout, stderr]).toEqual(['Ready: services, tensorflow\n', '']);
    expect(status).toBe(0);
  });
});
