import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { networkOf, visitorAddress } from '../../dashboard/server/visitor-address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test('what anybody writes into X-Forwarded-For counts nothing', () => {
  expect(visitorAddress([])(request('10.0.0.9', '1.2.3.4'))).toBe('10.0.0.9');
});

test('behind a trusted proxy it counts as far as that proxy wrote it', () => {
  const addressOf = visitorAddress(['10.0.0.0/8']);
  expect(addressOf(request('10.0.0.9', '6.6.6.6, 1.2.3.4'))).toBe('1.2.3.4');
  expect(addressOf(request('9.9.9.9', '1.2.3.4'))).toBe('9.9.9.9');
});

test.each([
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8::', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('a proxy that is no address ends the start with a sentence', () => {
  expect(() => visitorAddress(['my proxy'])).toThrow('DASHBOARD_TRUSTED_PROXIES: expected addresses');
});
