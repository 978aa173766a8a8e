import type { Registry } from 'prom-client';
import { eventLoopLag } from './event-loop-lag.ts';
import { type Health, type Logger, serveTelemetry } from './telemetry.ts';

/** An event loop that stood still for so long has lost its session with the broker, or nearly. */
const STILL_FOR_TOO_LONG_MS = 5_000;

export type ServedHealth = {
  /** What a start waits for: not ready, and why. */
  starting(waitsFor: string): void;
  /** From here on the service itself is asked. */
  started(service: { healthy(): Health; ready(): Health }): void;
  close(): Promise<void>;
};

/**
 * The port of /healthz, /readyz and /metrics, open before a service connects to anything. Alive means that the event
 * loop turns, by measurement, and that the service finds nothing that hangs.
 */
export async function serveHealth(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly logger: Logger;
}): Promise<ServedHealth> {
  const lag = eventLoopLag();
  let waitsFor = 'starting';
  let service: { healthy(): Health; ready(): Health } | null = null;

  const telemetry = await serveTelemetry({
    host: options.host,
    port: options.port,
    registry: options.registry,
    healthy() {
      const eventLoopStillMs = lag.longestMs();
      const { ok, detail } = service?.healthy() ?? { ok: true, detail: {} };
      // A model that is loading may keep the loop busy; that ends by itself.
      const stillTooLong = service !== null && eventLoopStillMs >= STILL_FOR_TOO_LONG_MS;
      const reason = stillTooLong && { reason: `the event loop stood still for ${eventLoopStillMs} ms` };
      return { ok: ok && !stillTooLong, detail: { ...reason, ...detail, eventLoopStillMs } };
    },
    ready: () => service?.ready() ?? { ok: false, detail: { reason: waitsFor } },
  });
  options.logger.info({ url: telemetry.url }, 'health and metrics');
  return {
    starting(what) {
      waitsFor = what;
    },
    started(given) {
      service = given;
    },
    async close() {
      lag.close();
      await telemetry.close();
    },
  };
}
