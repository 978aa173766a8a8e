import { startKafka } from './start-kafka.ts';
import { startRedis } from './start-redis.ts';

export type Services = {
  readonly brokers: string[];
  /** Whether Kafka was started here: nobody else is on it. */
  readonly isOurKafka: boolean;
  readonly redisUrl: string;
  close(): Promise<void>;
};

/**
 * Kafka and Redis: by address where KAFKA_BROKERS (host:port, comma-separated) or REDIS_URL is set, else our own.
 * `close` stops only what was started here.
 */
export async function startServices(env: NodeJS.ProcessEnv = process.env): Promise<Services> {
  const redis = env.REDIS_URL ? { url: env.REDIS_URL, close: async () => {} } : await startRedis();
  try {
    const kafka = env.KAFKA_BROKERS
      ? { brokers: env.KAFKA_BROKERS.split(','), close: async () => {} }
      : await startKafka();
    return {
      brokers: kafka.brokers,
      isOurKafka: !env.KAFKA_BROKERS,
      redisUrl: redis.url,
      async close() {
        await Promise.all([redis.close(), kafka.close()]);
      },
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}
