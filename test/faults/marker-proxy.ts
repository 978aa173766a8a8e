import { connect as openSocket } from 'node:net';
import { socketPairs } from '../socket-pairs.ts';

/** Stands before a broker's own listener, the one by which it tells partitions that a transaction has ended. */
export type MarkerProxy = {
  readonly port: number;
  /** From now on no WriteTxnMarkers request passes; comes back when one was held. */
  hold(): Promise<void>;
  /** Forgets what was held, with its connections, and lets all pass. */
  release(): void;
  close(): Promise<void>;
};

const WRITE_TXN_MARKERS = 27; // https://kafka.apache.org/protocol#The_Messages_WriteTxnMarkers

/**
 * A transaction is decided when the coordinator has written PrepareCommit, and is answered then; that its partitions
 * are told follows. Between the two lie microseconds; this makes them as long as a test needs.
 */
export async function markerProxy(toPort: () => number): Promise<MarkerProxy> {
  let onHeld: (() => void) | null = null;
  const pairs = await socketPairs((client) => {
    const broker = openSocket(toPort(), '127.0.0.1');
    pairs.join(client, broker);
    broker.pipe(client);
    let pending = Buffer.alloc(0);
    let isHeld = false;
    client.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk as Buffer]);
      while (!isHeld && pending.length >= 6) {
        const end = 4 + pending.readInt32BE(0);
        if (pending.length < end) return;
        if (onHeld !== null && pending.readInt16BE(4) === WRITE_TXN_MARKERS) {
          isHeld = true;
          onHeld();
          return;
        }
        broker.write(pending.subarray(0, end));
        pending = pending.subarray(end);
      }
    });
  });
  return {
    port: pairs.port,
    hold: () =>
      new Promise((resolve) => {
        onHeld = resolve;
      }),
    release() {
      onHeld = null;
      pairs.drop();
    },
    close: pairs.close,
  };
}
