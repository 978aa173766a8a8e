import type { Socket } from 'socket.io';

/** The connection beneath a socket.io socket, as far as limits look at it. */
export type RawSocket = Socket['conn'];

type WebSocketOf = {
  readonly bufferedAmount: number;
  close(code: number, reason: string): void;
  pause(): void;
  terminate(): void;
};

/** Close codes, which the reason follows in words. Those from 4000 are ours to give a meaning. */
export const CLOSE_CODES = { flood: 4029, slow: 4008, full: 4013, expired: 4001 } as const;
export type DismissalCause = keyof typeof CLOSE_CODES;

/** How long the reason may take to reach a slow reader. */
const GRACE_MS = 3000;
const LONGEST_REASON = 120; // bytes of a close frame

/** Bytes that were sent and that the other end has not taken. */
export function pendingBytes(raw: RawSocket): number {
  // biome-ignore lint/complexity/useLiteralKeys: the typings hide it, and nothing else tells
  const queued = raw['writeBuffer'] as readonly { readonly data?: unknown }[];
  return webSocketOf(raw).bufferedAmount + queued.reduce((sum, { data }) => sum + sizeOf(data), 0);
}

/** Ends a connection and says why; nothing more that it sends is looked at. */
export function dismiss(raw: RawSocket, cause: DismissalCause, reason: string): void {
  const webSocket = webSocketOf(raw);
  webSocket.close(CLOSE_CODES[cause], reason.slice(0, LONGEST_REASON));
  if (cause === 'flood') webSocket.pause();
  raw.close(true);
  setTimeout(() => webSocket.terminate(), GRACE_MS).unref();
}

const webSocketOf = (raw: RawSocket): WebSocketOf =>
  (raw.transport as unknown as { socket: WebSocketOf }).socket;

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length;
  return ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data.byteLength : 0;
}
