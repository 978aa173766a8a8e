import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../src/runtime/telemetry.ts';
import type { DashboardMetrics } from './dashboard-metrics.ts';
import { type DismissalCause, dismiss, pendingBytes, type RawSocket } from './raw-socket.ts';
import type { Visitor } from './visitor.ts';
import type { VisitorLimits } from './visitor-limits.ts';

export type ConnectionGuardParts = {
  readonly limits: VisitorLimits;
  readonly metrics: DashboardMetrics;
  readonly log: Pick<Logger, 'info'>;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Who a connection was let in for, by its first request. */
  readonly visitorOf: (request: IncomingMessage) => Visitor | undefined;
};

export type ConnectionGuard = {
  /** Of every connection, when it is there. */
  readonly opened: (raw: RawSocket) => void;
  close(): void;
};

const SWEEP_EVERY_MS = 1000;
/** What is pending for all pages together, as a multiple of what one may have. */
const PENDING_IN_ALL = 16;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SESSION_ENDED = 'The session has ended: log in again';

/** Counts the connections of pages; ends those that flood, read too slowly, are too many, or have expired. */
export function connectionGuard(parts: ConnectionGuardParts): ConnectionGuard {
  const { limits, metrics, log, addressOf, visitorOf } = parts;
  const packets = new Map<RawSocket, number>();

  function end(raw: RawSocket, cause: DismissalCause, reason: string): void {
    if (raw.readyState !== 'open') return;
    metrics.dismissed.inc({ cause });
    log.info({ cause, reason, address: addressOf(raw.request) }, 'socket dismissed');
    dismiss(raw, cause, reason);
  }

  function opened(raw: RawSocket): void {
    const address = addressOf(raw.request);
    limits.opened(address);
    metrics.sockets.inc();
    packets.set(raw, 0);
    raw.once('close', () => {
      limits.closed(address);
      metrics.sockets.dec();
      packets.delete(raw);
    });
    raw.on('packet', () => {
      const count = (packets.get(raw) ?? 0) + 1;
      packets.set(raw, count);
      if (count > limits.packetsPerSecond)
        end(raw, 'flood', `Too many packets: ${limits.packetsPerSecond} a second`);
    });
    const visitor = visitorOf(raw.request);
    if (visitor) {
      const leftMs = Math.min(LONGEST_TIMER_MS, Math.max(0, visitor.expiresAtMs - Date.now()));
      const timer = setTimeout(() => end(raw, 'expired', SESSION_ENDED), leftMs);
      raw.once('close', () => clearTimeout(timer));
    }
    const full = limits.socket(address, true);
    if (full !== null) end(raw, 'full', full);
  }

  /** Packets are counted anew, and the slowest readers go, until what is pending is little enough. */
  function sweep(): void {
    const readers = [...packets.keys()].map((raw) => ({ raw, bytes: pendingBytes(raw) }));
    let all = readers.reduce((sum, { bytes }) => sum + bytes, 0);
    metrics.pendingBytes.set(all);
    for (const { raw, bytes } of readers.sort((a, b) => b.bytes - a.bytes)) {
      packets.set(raw, 0);
      if (bytes <= limits.pendingBytes && all <= PENDING_IN_ALL * limits.pendingBytes) continue;
      all -= bytes;
      end(raw, 'slow', `This page reads too slowly: ${bytes} bytes wait for it (DASHBOARD_PENDING_BYTES)`);
    }
  }

  const timer = setInterval(sweep, SWEEP_EVERY_MS);
  return { opened, close: () => clearInterval(timer) };
}
