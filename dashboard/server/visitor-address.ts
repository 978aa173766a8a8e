import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import proxyAddr from 'proxy-addr';
import { FatalError } from '../../src/common/errors.ts';

/**
 * Where a request comes from, as limits count it: an IPv4 address, or the first 64 bits of an IPv6 address, of which
 * everybody has 2^64. What X-Forwarded-For says counts only as far as it was written by one of `trustedProxies`
 * (addresses, networks as 10.0.0.0/8, or `loopback`).
 */
export function visitorAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trust = compiled(trustedProxies);
  return (request) => networkOf(proxyAddr(request, trust) ?? '');
}

function compiled(trustedProxies: readonly string[]) {
  try {
    return proxyAddr.compile([...trustedProxies]);
  } catch (error) {
    throw new FatalError(
      `DASHBOARD_TRUSTED_PROXIES: expected addresses or networks, got ${(error as Error).message}`,
    );
  }
}

export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const groups = [
    ...before,
    ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'),
    ...after,
  ];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
