import type { ConsumerRunConfig, Kafka } from 'kafkajs';
import { systemClock } from '../../src/common/clock.ts';
import { keepRunning } from '../../src/consumers/keep-running.ts';

export type PatientReader = {
  /** @throws what no retry mends, if it came to that: whoever waits for what is read would wait in vain */
  check(): void;
  close(): Promise<void>;
};

/**
 * Reads committed records of topics from the first one on, and reads on whatever a broker that is taken away brings
 * about, as the services do. It is at least once: after such a break it may be handed what it has read already.
 */
export async function startPatientReader(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  config: ConsumerRunConfig,
): Promise<PatientReader> {
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    sessionTimeout: 4000, // after a restart of the broker, its own former self holds it back for so long
    heartbeatInterval: 500,
  });
  const closing = new AbortController();
  let crash: Error | null = null;
  await consumer.connect();
  await keepRunning({
    consumer,
    topics,
    config,
    beforeJoining: async () => {},
    sleep: systemClock.sleep,
    closing: closing.signal,
    onWarning: () => {},
    onCrash: (error) => {
      crash = error;
    },
  });
  return {
    check() {
      if (crash !== null) throw crash;
    },
    async close() {
      closing.abort();
      await consumer.disconnect();
    },
  };
}
