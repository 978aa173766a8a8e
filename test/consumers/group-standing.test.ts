import { expect, test } from '@jest/globals';
import { groupStanding } from '../../src/consumers/group-standing.ts';
import { offsetMetadataOf, topicOf } from '../../src/consumers/topic-identity.ts';

const [TOPIC, ANEW] = ['a'.repeat(32), 'b'.repeat(32)];

/** A group of one partition on a broker that says what it is told to. */
function groupAt(committed: string, [low, high]: readonly [number, number], metadata: string | null = null) {
  const broker = { committed, low, high, metadata, nowMs: 0 };
  const said: string[] = [];
  const standing = groupStanding({
    admin: {
      fetchTopicOffsets: async () => [
        { partition: 0, offset: String(broker.high), high: String(broker.high), low: String(broker.low) },
      ],
      fetchOffsets: async () => [
        {
          topic: 'scans',
          partitions: [{ partition: 0, offset: broker.committed, metadata: broker.metadata }],
        },
      ],
    },
    ...{ topic: 'scans', groupId: 'group', nowMs: () => broker.nowMs },
    handlers: {
      onLost: (_, from, to) => void said.push(`lost ${from} to ${to}`),
      onWarning: (message) => void said.push(message),
    },
  });
  return { broker, said, standing, position: async () => (await standing.of(0, TOPIC)).position };
}

test('a group stands where it committed, and at the first record where it committed nothing', async () => {
  const none = groupAt('-1', [3, 9]);
  expect(await none.standing.of(0, TOPIC)).toEqual({ topicId: TOPIC, position: 3n, first: 3n });
  const group = groupAt('7', [3, 9], offsetMetadataOf(TOPIC));
  expect(await group.position()).toBe(7n);
  expect([...none.said, ...group.said]).toEqual([]);
  await expect(group.standing.of(0, ANEW)).resolves.toMatchObject({ position: 3n }); // committed for another topic
  await expect(group.standing.of(1, TOPIC)).rejects.toThrow('Expected topic scans to have a partition 1');
});

test('records that were deleted before they were read are told', async () => {
  const { said, position } = groupAt('2', [5, 9]);
  expect([await position(), said]).toEqual([5n, ['lost 2 to 5']]);
});

test('the broker is followed also where it kept less than it acknowledged', async () => {
  const { said, standing, position } = groupAt('4', [0, 9]);
  standing.committed(0, TOPIC, 6n);
  expect(await position()).toBe(4n);
  expect(said).toEqual([expect.stringContaining('reading on from 4; what the broker had committed up to 6')]);
});

test('a log that ends before what was read of it is waited for, then read on from its end', async () => {
  const { broker, said, position } = groupAt('8', [0, 5]);
  await expect(position()).rejects.toThrow('partition 0 was read up to 8 and ends at 5');
  broker.nowMs = 9_999;
  await expect(position()).rejects.toThrow('its broker may be starting');
  broker.nowMs = 10_000;
  expect(await position()).toBe(5n);
  expect(said).toEqual([expect.stringContaining('its broker has lost records; reading on from the end')]);
});

test('a topic that was made anew is known by its identity', async () => {
  const { standing, position } = groupAt('4', [0, 9]);
  expect(standing.wasMadeAnew(0, ANEW)).toBe(false); // nothing was read yet
  await position();
  expect([standing.wasMadeAnew(0, TOPIC), standing.wasMadeAnew(0, ANEW)]).toEqual([false, true]);
});

test('what a failed commit owes is settled where the group stands at it, or by the next commit', () => {
  const { standing } = groupAt('4', [0, 9]);
  expect(standing.isSettled(0, 0n)).toBe(true);
  standing.owes(0, 6n);
  expect([standing.isSettled(0, 5n), standing.isSettled(0, 6n), standing.isSettled(1, 0n)]).toEqual([
    false,
    true,
    true,
  ]);
  standing.committed(0, TOPIC, 7n);
  expect(standing.isSettled(0, 5n)).toBe(true);
});

test('metadata of an offset names its topic, where whoever committed it said so', () => {
  expect([offsetMetadataOf(TOPIC), null, '', 'topic:1'].map(topicOf)).toEqual([TOPIC, null, null, null]);
});
