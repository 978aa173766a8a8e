import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000; // as kafkajs has it

/**
 * Makes the sockets of a Kafka client, and says when a broker, or the network, ended one that was open: the broker may
 * have died and come back since. That this side ended one is not said.
 */
export function watchedSockets(onLost: () => void): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const socket: Socket = ssl
      ? connectSecurely({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    let isOpen = false;
    const lost = () => {
      if (isOpen && !socket.writableEnded) onLost(); // `end` was not called here before the other side did
      isOpen = false;
    };
    socket.once('connect', () => {
      isOpen = true;
    });
    socket.once('end', lost);
    socket.once('error', lost);
    return socket;
  };
}
