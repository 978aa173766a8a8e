import { expect, test } from '@jest/globals';
import kafkajs, { type Kafka } from 'kafkajs';
import { withAdmin } from '../../clients/typescript/src/kafka.ts';

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
  return { kafka: { admin: () => admin } as unknown as Kafka, left, open: () => open };
}

const protocolError = (type: string, retriable: boolean) =>
  Object.assign(new kafkajs.KafkaJSProtocolError(type), { type, retriable });

test('what a broker answers before it leads a topic that was just made is asked again', async () => {
  const notLeader = protocolError('NOT_LEADER_FOR_PARTITION', true);
  const broker = kafkaThatAnswers([notLeader, notLeader, 'scans']);
  expect(await withAdmin(broker.kafka, (admin) => admin.listTopics())).toEqual(['scans']);
  expect(broker.open()).toBe(0);
});

test('what no further question changes is thrown at once', async () => {
  const refused = protocolError('TOPIC_AUTHORIZATION_FAILED', false);
  const broker = kafkaThatAnswers([refused, 'scans']);
  await expect(withAdmin(broker.kafka, (admin) => admin.listTopics())).rejects.toBe(refused);
  expect({ left: broker.left, open: broker.open() }).toEqual({ left: ['scans'], open: 0 });
});

test('it is not asked for ever', async () => {
  const broker = kafkaThatAnswers(Array(100).fill(protocolError('NOT_LEADER_FOR_PARTITION', true)));
  await expect(withAdmin(broker.kafka, (admin) => admin.listTopics())).rejects.toThrow('NOT_LEADER');
  expect(broker.open()).toBe(0);
});
