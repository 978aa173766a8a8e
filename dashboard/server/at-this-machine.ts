import type { IncomingMessage } from 'node:http';
import { isLoopback } from './allowed-hosts.ts';

/** What proxies add to a request. A proxy on this machine comes from the loopback too, whomever it asks for. */
const BY_PROXIES = /^(forwarded|via|x-forwarded-.+|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/** Whether a program of this machine asks by itself: from the loopback, and for nobody else. */
export const isAtThisMachine = ({ socket, headers }: IncomingMessage): boolean =>
  isLoopback(socket.remoteAddress ?? '') && !Object.keys(headers).some((name) => BY_PROXIES.test(name));
