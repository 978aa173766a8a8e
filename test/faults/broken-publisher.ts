import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/common/clock.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { type OutcomePublisher, outcomePublisher } from '../../src/producers/outcome-publisher.ts';
import { DEFAULT_LIMITS, type KnownLimits } from '../../src/producers/size-limits.ts';
import type { Config } from '../../src/runtime/config.ts';

/** Between the two transactions of FAULT_COMMIT=apart. */
const APART_MS = 200;

/**
 * The publisher of a processor with the rules broken that the environment names: what controls show the faults with.
 *
 * - FAULT_TRANSACTIONAL_ID=process: ids of the process, which shut nobody out
 * - FAULT_SETTLE=never: what a broker forgot to tell its partitions is left open
 * - FAULT_LIMITS=unlearned: what outputs take is neither asked for nor learned from a refusal
 * - FAULT_COMMIT=apart: outcomes and the offset behind them are committed one after the other
 * - FAULT_TOPIC_ID=unnoted: an offset does not say which topic of the name it is of
 * - FAULT_DEAD_LETTERS=skipped: what is refused is passed over
 */
export function brokenPublisher(
  publisher: OutcomePublisher,
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): OutcomePublisher {
  const { FAULT_TRANSACTIONAL_ID, FAULT_SETTLE, FAULT_LIMITS } = env;
  const { FAULT_COMMIT, FAULT_TOPIC_ID, FAULT_DEAD_LETTERS } = env;
  const processId = randomUUID();
  const changes = {
    ...(FAULT_TRANSACTIONAL_ID === 'process' && {
      transactionalId: (partition: number) => `${processId}-${partition}`,
    }),
    ...(FAULT_SETTLE === 'never' && { settle: async () => {} }),
    ...(FAULT_LIMITS === 'unlearned' && { limits: unlearned }),
  };
  const isRemade = Object.keys(changes).length > 0;
  const inner = isRemade ? outcomePublisher({ ...optionsOf(config), ...changes }) : publisher;
  return {
    ...inner,
    async commit(partition, outcomes, { offset, metadata }, references) {
      const next = { offset, metadata: FAULT_TOPIC_ID === 'unnoted' ? '' : metadata };
      const kept =
        FAULT_DEAD_LETTERS === 'skipped' ? outcomes.filter(({ kind }) => kind !== 'dead-letter') : outcomes;
      if (FAULT_COMMIT !== 'apart') return inner.commit(partition, kept, next, references);
      const before = { ...next, offset: outcomes[0]?.record.offset ?? offset };
      const first = await inner.commit(partition, kept, before, references);
      await systemClock.sleep(APART_MS);
      const second = first === 'fenced' ? first : await inner.commit(partition, [], next, []);
      return second === 'fenced' ? second : first;
    },
  };
}

/** Limits of nobody who asks or learns. */
export const unlearned: KnownLimits = {
  now: () => DEFAULT_LIMITS,
  ask: async () => {},
  refused: async () => {},
};

const optionsOf = (config: Config) => ({
  kafka: kafkaClient({ brokers: config.KAFKA_BROKERS, clientId: 'worker' }),
  groupId: config.KAFKA_GROUP,
  scansTopic: config.TOPIC_SCANS,
  descriptorsTopic: config.TOPIC_DESCRIPTORS,
  deadLettersTopic: config.TOPIC_DEAD_LETTERS,
  referencesTopic: config.TOPIC_RUN_REFERENCES,
  nowMs: systemClock.nowMs,
});
