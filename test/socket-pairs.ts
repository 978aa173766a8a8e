import { type AddressInfo, createServer, type Socket } from 'node:net';

export type SocketPairs = {
  readonly port: number;
  /** When one of the two ends, so does the other. */
  join(client: Socket, upstream: Socket): void;
  /** Ends all that were joined. */
  drop(): void;
  close(): Promise<void>;
};

/** A server on a free port for proxies: pairs of sockets, of the client and of whom it is led to. */
export async function socketPairs(onClient: (client: Socket) => void): Promise<SocketPairs> {
  const sockets = new Set<Socket>();
  const server = createServer(onClient);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    join(client, upstream) {
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
    },
    drop,
    close() {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
