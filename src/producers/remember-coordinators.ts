import type { Kafka } from 'kafkajs';
import { withClusters } from '../kafka/kafka-cluster.ts';

/**
 * A coordinator is looked up again after so long. Producers are made anew after most errors, and look up at once then;
 * what kafkajs repeats by itself meets a former coordinator for no longer than this.
 */
const REMEMBERED_MS = 5_000;

/**
 * The client with producers that remember who coordinates their transactions and the group. kafkajs asks for it before
 * each of four requests of a transaction: four of nine, one after the other, are answers that it has already had.
 */
export function rememberCoordinators(kafka: Kafka, nowMs: () => number): Kafka {
  return withClusters(kafka, (cluster) => {
    const known = new Map<string, { readonly answer: Promise<unknown>; readonly untilMs: number }>();
    const lookUp = cluster.findGroupCoordinatorMetadata.bind(cluster);
    cluster.findGroupCoordinatorMetadata = (of) => {
      const key = `${of.coordinatorType} ${of.groupId}`;
      const remembered = known.get(key);
      if (remembered !== undefined && nowMs() < remembered.untilMs) return remembered.answer;
      const answer = lookUp(of);
      known.set(key, { answer, untilMs: nowMs() + REMEMBERED_MS });
      answer.catch(() => known.delete(key));
      return answer;
    };
  });
}
