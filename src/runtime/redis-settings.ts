import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';
import { FatalError } from '../common/errors.ts';
import type { Config } from './config.ts';

/** How to reach Redis: address, user and TLS, as its client takes them. */
export type RedisSettings = Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;

type RedisConfig = Pick<
  Config,
  'REDIS_URL' | 'REDIS_USERNAME' | 'REDIS_PASSWORD' | 'REDIS_TLS_CA' | 'REDIS_TLS_CERT' | 'REDIS_TLS_KEY'
>;

/**
 * The part of the configuration that says how to reach Redis. User and password of their own go before those of the
 * address.
 */
export function redisSettings(config: RedisConfig): RedisSettings {
  const { hostname, port, pathname, username, password, protocol } = new URL(config.REDIS_URL);
  const user = config.REDIS_USERNAME ?? decodeURIComponent(username);
  const word = config.REDIS_PASSWORD ?? decodeURIComponent(password);
  const files = {
    ca: pem('REDIS_TLS_CA', config.REDIS_TLS_CA),
    cert: pem('REDIS_TLS_CERT', config.REDIS_TLS_CERT),
    key: pem('REDIS_TLS_KEY', config.REDIS_TLS_KEY),
  };
  const given = Object.entries(files).filter(([, value]) => value !== undefined);
  if ((files.cert === undefined) !== (files.key === undefined))
    throw new FatalError('Expected REDIS_TLS_CERT and REDIS_TLS_KEY together, got one of them');
  if (given.length > 0 && protocol !== 'rediss:')
    throw new FatalError('REDIS_TLS_CA, REDIS_TLS_CERT and REDIS_TLS_KEY need a REDIS_URL of rediss://');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(user !== '' && { username: user }),
    ...(word !== '' && { password: word }),
    ...(protocol === 'rediss:' && { tls: Object.fromEntries(given) }),
  };
}

function pem(setting: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FatalError(`${setting}: expected a file in PEM: ${(error as Error).message}`);
  }
}
