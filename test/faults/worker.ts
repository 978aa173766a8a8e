// One processor with a fault put in on purpose. Says on standard output when it stands between a batch's results and
// their commit.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { processor } from '../../src/processor.ts';
import { outcomePublisher } from '../../src/producers/outcome-publisher.ts';
import { runService } from '../../src/run-service.ts';

const { FAULT_TRANSACTIONAL_ID, FAULT_COMMIT_DELAY_MS, FAULT_PREDICT_DELAY_MS } = process.env;
const { READY_WITHIN_MS, METADATA_MAX_AGE_MS, FAULT_SETTLE } = process.env;
const config = readConfig(process.env);

const delay = async (ms: string | undefined) => {
  if (ms !== undefined) await systemClock.sleep(Number(ms));
};

await runService('worker', (fatal) =>
  processor(config, systemClock, fatal, {
    ...(READY_WITHIN_MS !== undefined && { readyWithinMs: Number(READY_WITHIN_MS) }),
    ...(METADATA_MAX_AGE_MS !== undefined && { metadataMaxAgeMs: Number(METADATA_MAX_AGE_MS) }),
    adaptCompute: (compute) => ({
      ...compute,
      async run(records) {
        await delay(FAULT_PREDICT_DELAY_MS);
        return compute.run(records);
      },
    }),
    adapt: (parts) => {
      const broken = {
        ...(FAULT_TRANSACTIONAL_ID === 'process' && {
          transactionalId: (partition: number) => `${randomUUID()}-${partition}`, // nobody else's: shuts nobody out
        }),
        ...(FAULT_SETTLE === 'never' && { settle: async () => {} }),
      };
      const publisher =
        Object.keys(broken).length === 0
          ? parts.publisher
          : outcomePublisher({
              kafka: kafkaClient({ brokers: config.KAFKA_BROKERS, clientId: 'worker' }),
              groupId: config.KAFKA_GROUP,
              scansTopic: config.TOPIC_SCANS,
              descriptorsTopic: config.TOPIC_DESCRIPTORS,
              deadLettersTopic: config.TOPIC_DEAD_LETTERS,
              referencesTopic: config.TOPIC_RUN_REFERENCES,
              nowMs: systemClock.nowMs,
              ...broken,
            });
      return {
        ...parts,
        publisher: {
          ...publisher,
          async commit(partition, outcomes, next, references) {
            console.log(`before commit of ${outcomes.length}`);
            await delay(FAULT_COMMIT_DELAY_MS);
            return publisher.commit(partition, outcomes, next, references);
          },
        },
      };
    },
  }),
);
