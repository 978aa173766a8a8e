import type { Clock } from '../common/clock.ts';

/** Waits for a service that is away. */
export type Patience = {
  /** What the service last failed with; null while it answers. */
  failure(): string | null;
  /** Repeats `call` until it is answered; undefined when `signal` aborts. */
  untilAnswered<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
};

/**
 * Repeats calls with growing waits, 50 ms to 1 s.
 * @param options.onFailure every failed call; `isFirst` for the one that begins an outage
 * @param options.onRecovery the first answer after an outage
 */
export function patience(options: {
  readonly sleep: Clock['sleep'];
  readonly onFailure: (error: unknown, isFirst: boolean) => void;
  readonly onRecovery: () => void;
}): Patience {
  let failure: string | null = null;
  return {
    failure: () => failure,
    async untilAnswered(call, signal) {
      for (let waitMs = 50; !signal.aborted; waitMs = Math.min(1000, waitMs * 2)) {
        try {
          const answer = await call();
          if (failure !== null) options.onRecovery();
          failure = null;
          return answer;
        } catch (error) {
          const isFirst = failure === null;
          failure = error instanceof Error ? error.message : String(error);
          options.onFailure(error, isFirst);
          await options.sleep(waitMs, signal);
        }
      }
      return undefined;
    },
  };
}
