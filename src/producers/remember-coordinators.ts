import type { Kafka } from 'kafkajs';

/**
 * A coordinator is looked up again after so long. Producers are made anew after most errors, and look up at once then;
 * what kafkajs repeats by itself meets a former coordinator for no longer than this.
 */
const REMEMBERED_MS = 5_000;

type Lookup = { readonly groupId: string; readonly coordinatorType?: number };
type Cluster = { findGroupCoordinatorMetadata(of: Lookup): Promise<unknown> };
type MakeCluster = (options: unknown) => Cluster;

/**
 * The client with producers that remember who coordinates their transactions and the group. kafkajs asks for it before
 * each of four requests of a transaction: four of nine, one after the other, are answers that it has already had.
 * @throws TypeError for another kafkajs than 2.2, whose clusters are made by a symbol
 */
export function rememberCoordinators(kafka: Kafka, nowMs: () => number): Kafka {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined) throw new TypeError('Expected kafkajs 2.2, whose clusters are made by a symbol');
  const makeCluster = (kafka as unknown as Record<symbol, MakeCluster>)[symbol]!;
  const value: MakeCluster = (options) => remembering(makeCluster.call(kafka, options), nowMs);
  return Object.create(kafka, { [symbol]: { value } }) as Kafka;
}

function remembering(cluster: Cluster, nowMs: () => number): Cluster {
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
  return cluster;
}
