import type { Health } from '../runtime/telemetry.ts';

/** A flow from one topic to others, as a service runs it. */
export type StreamFlow = {
  start(): Promise<void>;
  /** A broker went away, and may have forgotten what it had decided: all is claimed again. */
  connectionLost(): void;
  healthy(): Health;
  ready(): Health;
  close(): Promise<void>;
};
