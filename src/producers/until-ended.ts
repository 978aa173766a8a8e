const MARKERS_WITHIN_MS = 20_000;

/**
 * Asks until the transaction before has ended: a broker that has answered a commit still tells the partitions of it,
 * and refuses the next transaction of the id meanwhile (CONCURRENT_TRANSACTIONS). kafkajs itself tries again where a
 * transaction begins with records, and not where it begins with offsets.
 */
export async function untilEnded<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadlineMs = performance.now() + MARKERS_WITHIN_MS;
  for (let waitMs = 5; ; waitMs = Math.min(200, waitMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      const isEnding = (error as { type?: string }).type === 'CONCURRENT_TRANSACTIONS';
      if (!isEnding || performance.now() > deadlineMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
