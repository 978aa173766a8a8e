import type { Consumer, ConsumerRunConfig } from 'kafkajs';
import { isFatal } from '../common/errors.ts';

export type KeepRunningOptions = {
  readonly consumer: Consumer;
  readonly topics: readonly string[];
  /** Rejects with what the broker has against our joining: kafkajs says only that the group has no coordinator. */
  readonly beforeJoining: () => Promise<void>;
  readonly config: ConsumerRunConfig;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the reader closes. */
  readonly closing: AbortSignal;
  readonly onWarning: (message: string, error: unknown) => void;
  /** What no retry mends, such as a right that is missing: the process should end. */
  readonly onCrash: (error: Error) => void;
};

const RESTART_AFTER_MS = 1000;

/**
 * Subscribes a connected consumer and keeps it running. kafkajs begins again by itself after most failures, but gives
 * up on some that a broker which is restarting brings about, "failed to find group coordinator" for one; those are
 * begun again here.
 */
export async function keepRunning(options: KeepRunningOptions): Promise<void> {
  const { consumer, topics, config, closing, onWarning, onCrash } = options;

  async function begin(): Promise<void> {
    await options.beforeJoining().catch((error) => {
      if (isFatal(error)) throw error; // anything else ends by itself
    });
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run(config);
  }

  async function beginAgain(): Promise<void> {
    await options.sleep(RESTART_AFTER_MS, closing);
    if (closing.aborted) return;
    try {
      await consumer.connect();
      await begin();
    } catch (error) {
      if (isFatal(error)) return onCrash(error as Error);
      onWarning('consumer could not be started again', error);
      await beginAgain();
    }
  }

  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (isFatal(error)) return onCrash(error);
    onWarning('consumer restarts', error);
    if (!restart) void beginAgain();
  });
  await begin();
}
