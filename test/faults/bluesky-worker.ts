// The Bluesky service with a fault put in on purpose.

import { systemClock } from '../../src/common/clock.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { openGroupOf } from '../../src/flows/bluesky-flow.ts';
import { scanPublisher } from '../../src/producers/scan-publisher.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { bluesky } from '../../src/services/bluesky.ts';

const config = readConfig(process.env);
const { FAULT_FORGET, FAULT_SETTLE } = process.env;
const nothing = async () => ({ offset: -1n, metadata: null });

await runService('bluesky', (runner) =>
  bluesky(config, systemClock, runner, (parts) => ({
    ...parts,
    // Forgets where open runs begin, and goes on from where it had read to.
    ...(FAULT_FORGET === 'open-runs' && { committed: nothing }),
    ...(FAULT_SETTLE === 'never' && {
      publisher: scanPublisher({
        kafka: kafkaClient({ brokers: config.KAFKA_BROKERS, clientId: 'worker' }),
        transactionalId: `${parts.groupId}-${config.TOPIC_BLUESKY}`,
        groupIds: [parts.groupId, openGroupOf(parts.groupId)],
        sourceTopic: config.TOPIC_BLUESKY,
        scansTopic: config.TOPIC_SCANS,
        deadLettersTopic: config.TOPIC_DEAD_LETTERS,
        runsTopic: config.TOPIC_RUNS,
        nowMs: systemClock.nowMs,
        settle: async () => {},
      }),
    }),
  })),
);
