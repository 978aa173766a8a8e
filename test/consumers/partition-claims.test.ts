import { expect, test } from '@jest/globals';
import { groupActivity } from '../../src/consumers/group-activity.ts';
import { inTurn } from '../../src/consumers/in-turn.ts';
import { partitionClaims } from '../../src/consumers/partition-claims.ts';
import type { Standing } from '../../src/consumers/scan-handlers.ts';
import { worksOf } from '../../src/consumers/works-of.ts';
import { until } from '../until.ts';

const TOPIC_ID = 'a'.repeat(32);

/** Claims of one topic on a broker that answers where the group stands when it is told to. */
function claimsOf() {
  const asked: { readonly partition: number; answer(position: bigint): void }[] = [];
  const said: string[] = [];
  const claims = partitionClaims({
    consumer: {
      pause() {},
      resume() {},
      seek: ({ partition, offset }) => void said.push(`${partition} is read from ${offset}`),
    },
    requests: { topicId: async () => TOPIC_ID },
    topic: 'documents',
    standing: {
      wasMadeAnew: () => false,
      of: (partition) =>
        new Promise<Standing>((resolve) => {
          asked.push({
            partition,
            answer: (position) => resolve({ topicId: TOPIC_ID, position, first: 0n }),
          });
        }),
      committed() {},
      owes() {},
      isSettled: () => true,
    },
    inWork: worksOf(),
    turns: inTurn(),
    activity: groupActivity(() => 0, 1000),
    sleep: async () => {},
    closing: new AbortController().signal,
    handlers: {
      onAssigned: (partitions) => void said.push(`assigned ${partitions.join()}`),
      claim: async (partition) => void said.push(`${partition} is claimed`),
      async beginAt(partition, { position }) {
        said.push(`${partition} begins where the group stands, ${position}`);
        return position;
      },
      process: async () => true,
      onLost() {},
      onCrash(error) {
        throw error;
      },
      onWarning: (message) => void said.push(message),
    },
  });
  return { claims, asked, said };
}

test('where the group stood before it gave the partitions out again counts no more', async () => {
  const { claims, asked, said } = claimsOf();
  claims.assign([0]);
  await until(() => asked.length === 1, 10_000);
  claims.assign([0]); // while the broker is asked
  asked[0]!.answer(5n);
  await until(() => asked.length === 2, 10_000);
  asked[1]!.answer(7n); // whoever had the partition before had committed once more
  await until(() => claims.of(0) !== undefined, 10_000);
  expect(said).toEqual([
    'assigned 0',
    '0 is claimed',
    'assigned 0',
    '0 is claimed',
    '0 begins where the group stands, 7',
    '0 is read from 7',
  ]);
});
