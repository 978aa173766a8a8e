import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { isAtThisMachine } from '../../dashboard/server/at-this-machine.ts';

const isHere = (remoteAddress: string | undefined, headers: Readonly<Record<string, string>> = {}) =>
  isAtThisMachine({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);

test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('%s is at this machine', (address) => {
  expect(isHere(address, { host: 'localhost', origin: 'http://localhost' })).toBe(true);
});

test.each(['192.0.2.1', '::2', 'fe80::1', '::ffff:192.0.2.1', '0.0.0.0', '', undefined])(
  '%s is not',
  (address) => {
    expect(isHere(address)).toBe(false);
  },
);

test.each([
  ['forwarded', 'for=192.0.2.1'],
  ['via', '1.1 proxy'],
  ['x-forwarded-for', '192.0.2.1'],
  ['x-forwarded-for', ''], // a proxy that names nobody is a proxy still
  ['x-forwarded-for', '127.0.0.1'], // as anybody may write
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-host', 'xanes.example.org'],
  ['x-real-ip', '192.0.2.1'],
  ['x-client-ip', '192.0.2.1'],
  ['true-client-ip', '192.0.2.1'],
  ['cf-connecting-ip', '192.0.2.1'],
])('whoever comes by a proxy on this machine that says %s: %s is not', (name, value) => {
  expect(isHere('127.0.0.1', { [name]: value })).toBe(false);
});
