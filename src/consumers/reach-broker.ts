import { FatalError, isFatal } from '../common/errors.ts';
import { type KafkaSettings, kafkaClient } from './kafka-client.ts';

/** A broker that takes a connection and says nothing must not outlast the deadline. */
const ONCE = { retries: 0, requestTimeoutMs: 3000 };

/**
 * Comes back once a broker answers and has the topics. Throws a FatalError that says what is missing: a service that
 * waits for ever looks like one that has nothing to do. Later, in a running service, a broker that is away is waited
 * for.
 * @returns the names of all topics that this user may see
 */
export async function reachBroker(
  settings: KafkaSettings,
  topics: readonly string[],
  { withinMs = 15_000, nowMs = () => performance.now() } = {},
): Promise<ReadonlySet<string>> {
  const startedMs = nowMs();
  for (;;) {
    const admin = kafkaClient({ ...settings, log: () => {} }, ONCE).admin();
    try {
      await admin.connect();
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter((topic) => !existing.has(topic));
      if (missing.length === 0) return existing;
      throw new FatalError(
        `Expected topics ${missing.join(', ')} at ${settings.brokers.join(', ')} to exist and to be visible to this ` +
          `user, got none of that name; \`npm run topics\` creates those of the flow`,
      );
    } catch (error) {
      if (isFatal(error)) throw error;
      if (nowMs() - startedMs > withinMs) {
        throw new FatalError(
          `Expected KAFKA_BROKERS ${settings.brokers.join(', ')} to answer within ${withinMs / 1000} s: ${(error as Error).message}`,
        );
      }
    } finally {
      await admin.disconnect().catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
