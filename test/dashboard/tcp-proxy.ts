import { connect as openSocket } from 'node:net';
import { socketPairs } from '../socket-pairs.ts';

export type TcpProxy = {
  readonly port: number;
  /** Drops every connection and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

/** Stands between a browser and its server, to break the line where a real one breaks. */
export async function tcpProxy(toPort: number): Promise<TcpProxy> {
  let broken = false;
  const pairs = await socketPairs((client) => {
    if (broken) {
      client.destroy();
      return;
    }
    const upstream = openSocket(toPort, '127.0.0.1');
    pairs.join(client, upstream);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return {
    port: pairs.port,
    cut() {
      broken = true;
      pairs.drop();
    },
    mend() {
      broken = false;
    },
    close: pairs.close,
  };
}
