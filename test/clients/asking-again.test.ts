import { expect, test } from '@jest/globals';
import kafkajs, { type Kafka } from 'kafkajs';
import { followAcknowledgements } from '../../clients/typescript/src/acknowledgements.ts';
import { type Asking, withAdmin } from '../../clients/typescript/src/kafka.ts';
import { recordsOf } from '../../clients/typescript/src/records.ts';

/** The moment after a topic is made is too short to be met on purpose: the answers are kafkajs's own errors. */
function kafkaThatAnswers(answers: readonly (Error | string)[]) {
  const left = [...answers];
  let open = 0;
  const admin = {
    async connect() {
      open += 1;
    },
    async disconnect() {
      open -= 1;
    },
    listTopics: async () => {
      const answer = left.shift();
      if (typeof answer !== 'string') throw answer;
      return [answer];
    },
  };
  const kafka = { admin: () => admin } as unknown as Kafka;
  const warnings: string[] = [];
  const aborting = new AbortController();
  const asking: Asking = {
    kafka,
    onWarning: (message) => void warnings.push(message),
    signal: aborting.signal,
  };
  return { asking, warnings, left, open: () => open, abort: () => aborting.abort() };
}

type Broker = ReturnType<typeof kafkaThatAnswers>;

const protocolError = (type: string, retriable: boolean) =>
  Object.assign(new kafkajs.KafkaJSProtocolError(type), { type, retriable });
const notLeader = protocolError('NOT_LEADER_FOR_PARTITION', true);

test('what a broker answers before it leads a topic that was just made is asked again, and each time told', async () => {
  const broker = kafkaThatAnswers([notLeader, notLeader, 'scans']);
  expect(await withAdmin(broker.asking, (admin) => admin.listTopics())).toEqual(['scans']);
  expect(broker.open()).toBe(0);
  expect(broker.warnings).toEqual([
    'The broker is asked again in 100 ms: NOT_LEADER_FOR_PARTITION',
    'The broker is asked again in 200 ms: NOT_LEADER_FOR_PARTITION',
  ]);
});

test('what no further question changes is thrown at once', async () => {
  const refused = protocolError('TOPIC_AUTHORIZATION_FAILED', false);
  const broker = kafkaThatAnswers([refused, 'scans']);
  await expect(withAdmin(broker.asking, (admin) => admin.listTopics())).rejects.toBe(refused);
  expect({ left: broker.left, open: broker.open() }).toEqual({ left: ['scans'], open: 0 });
  expect(broker.warnings).toEqual([]);
});

test('it is not asked for ever', async () => {
  const broker = kafkaThatAnswers(Array(100).fill(notLeader));
  await expect(withAdmin(broker.asking, (admin) => admin.listTopics())).rejects.toThrow('NOT_LEADER');
  expect(broker.open()).toBe(0);
  expect(broker.warnings).toHaveLength(6); // the last answer is thrown, and not told beside
});

const reading = { topic: 'scans', group: 'agent', from: 'now', open: new Set<never>() } as const;
const following = { topic: 'scans', name: 'agent', from: 'now' } as const;

test.each<[string, (broker: Broker) => Promise<unknown>, string | null]>([
  [
    'a question, which is thrown',
    ({ asking }) => withAdmin(asking, (admin) => admin.listTopics()),
    'AbortError',
  ],
  [
    'acknowledgements that are not read yet, which is thrown',
    ({ asking }) => followAcknowledgements({ ...asking, ...following }),
    'AbortError',
  ],
  [
    'a reading, which ends as one does that has begun',
    async ({ asking }) => (await recordsOf({ ...asking, ...reading }).next()).done,
    null,
  ],
])("the caller's signal ends %s", async (_, begin, thrown) => {
  const broker = kafkaThatAnswers(Array(100).fill(notLeader));
  const { onWarning } = broker.asking;
  const asking: Asking = {
    ...broker.asking,
    onWarning(message) {
      onWarning(message);
      broker.abort();
    },
  };
  const ended = begin({ ...broker, asking });
  if (thrown === null) expect(await ended).toBe(true);
  else await expect(ended).rejects.toMatchObject({ name: thrown });
  expect({ asked: 100 - broker.left.length, told: broker.warnings.length, open: broker.open() }).toEqual({
    ...{ asked: 1, told: 1, open: 0 },
  });
});
