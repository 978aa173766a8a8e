export type Beating = {
  readonly heartbeat: () => Promise<void>;
  readonly sessionTimeoutMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onWarning: (message: string, error: unknown) => void;
};

/**
 * Waits for a work, and beats. The client beats only between batches; a batch longer than the session would cost the
 * partition.
 */
export async function whileBeating<T>(work: Promise<T>, beating: Beating): Promise<T> {
  const { heartbeat, sessionTimeoutMs, sleep, onWarning } = beating;
  const done = new AbortController();
  const beat = async () => {
    while (!done.signal.aborted) {
      await sleep(sessionTimeoutMs / 4, done.signal);
      // A rebalance is heard here first; the batch is ended and committed, and the next fetch joins again.
      if (!done.signal.aborted) await heartbeat().catch((error) => onWarning('heartbeat', error));
    }
  };
  void beat();
  try {
    return await work;
  } finally {
    done.abort('done'); // a reason given spares the making of an error with its stack
  }
}
