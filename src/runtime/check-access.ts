import { explain, FatalError, isFatal } from '../common/errors.ts';
import { brokerRequests } from '../consumers/broker-requests.ts';
import { type KafkaSettings, kafkaClient } from '../consumers/kafka-client.ts';
import { tryTransactionalId } from '../producers/transactional-producer.ts';

const WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 200; // a new cluster makes the topics of its coordinators first

/**
 * Whether this user may do what a processor does with its group and its transactions, and the broker allows
 * transactions as long as ours. kafkajs tries again for ever, and says nothing, where a right is missing.
 * Throws a FatalError that names the right or the setting.
 */
export async function checkAccess(
  settings: KafkaSettings,
  { groupId, scansTopic }: { readonly groupId: string; readonly scansTopic: string },
): Promise<void> {
  const kafka = kafkaClient({ ...settings, log: () => {} }, { retries: 2 });
  const requests = brokerRequests(kafka);
  const transactionalId = `${groupId}-${scansTopic}-start`;
  const deadlineMs = performance.now() + WITHIN_MS;
  try {
    for (;;) {
      try {
        await requests.findCoordinator('group', groupId);
        await requests.findCoordinator('transaction', transactionalId);
        return await tryTransactionalId(kafka, transactionalId);
      } catch (error) {
        if (isFatal(error)) throw new FatalError(explain(error), { cause: error });
        if (performance.now() > deadlineMs) {
          const expected = `Expected the coordinators of ${groupId} to answer within ${WITHIN_MS / 1000} s`;
          throw new FatalError(`${expected}: ${explain(error)}`, { cause: error });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  } finally {
    await requests.close().catch(() => {});
  }
}
