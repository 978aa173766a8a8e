import type { Redis } from 'ioredis';

/**
 * What socket.io's adapter is given. It looks at no answer of Redis, so that each call that fails, as all do while
 * Redis refuses our password, would end the process: here none fails. It subscribes once, while ioredis subscribes
 * again only to what was granted before: here each connection subscribes to what was ever asked for.
 * @param another makes a connection that does not subscribe again by itself
 */
export function adapterConnections(another: () => Redis): {
  readonly publisher: Redis;
  readonly subscriber: Redis;
} {
  const [publisher, subscriber] = [another(), another()];
  neverFail(publisher, ['publish']);
  neverFail(subscriber, ['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe']);
  for (const name of ['subscribe', 'psubscribe'] as const) {
    const subscribe = subscriber[name].bind(subscriber) as (...channels: unknown[]) => Promise<unknown>;
    const keep = (...channels: unknown[]) => {
      subscriber.on('ready', () => void subscribe(...channels));
      return subscribe(...channels);
    };
    Object.assign(subscriber, { [name]: keep });
  }
  return { publisher, subscriber };
}

function neverFail(
  redis: Redis,
  names: readonly ('publish' | 'subscribe' | 'psubscribe' | 'unsubscribe' | 'punsubscribe')[],
): void {
  for (const name of names) {
    const ask = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(redis, { [name]: (...args: unknown[]) => ask(...args).catch(() => {}) });
  }
}
