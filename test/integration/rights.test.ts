import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs'; // Node sees only some of its names
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { type Flow, startFlow } from './flow.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

// A broker that asks who one is, and that allows transactions of half a minute: ours are longer.
let broker: KafkaService;
let flow: Flow;
let admin: Admin;
let processor: RunningProcess | undefined;
beforeAll(async () => {
  broker = await startKafka({
    users: { lab: 'secret' },
    settings: { 'transaction.max.timeout.ms': '30000' },
  });
  flow = await startFlow(broker.brokers, { partitions: 1 });
  admin = flow.kafka.admin();
  await admin.connect();
}, 600_000);
afterEach(() => processor?.stop());
afterAll(async () => {
  await admin?.disconnect();
  await flow?.close();
  await broker?.close();
});

type Right = [keyof typeof AclResourceTypes, string, keyof typeof AclOperationTypes];

const allow = (...rights: Right[]) =>
  admin.createAcls({
    acl: rights.map(([type, name, operation]) => ({
      resourceType: AclResourceTypes[type],
      resourceName: name,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: 'User:lab',
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  });

/** How a processor ends, and the one line of its log that says why. */
async function endOf(env: Readonly<Record<string, string>> = {}) {
  const beganMs = performance.now();
  processor = await startProcess('processor', {
    ...typescript('src/bin/processor.ts'),
    env: {
      ...flow.env,
      KAFKA_BROKERS: broker.saslBrokers.join(','),
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'lab',
      KAFKA_SASL_PASSWORD: 'secret',
      ...env,
    },
  });
  const { code } = await processor.exited;
  const fatal = processor
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":60'));
  const output = processor.output();
  return { code, fatal, output, tookMs: performance.now() - beganMs };
}

// One right after the other is given, until only the broker's own limit is left.
test('what is missing is named, within seconds', async () => {
  const expectFatal = async (what: RegExp, env: Readonly<Record<string, string>> = {}) => {
    const { code, fatal, output, tookMs } = await endOf(env);
    expect({ code, fatal }).toEqual({ code: 1, fatal: [expect.stringMatching(what)] });
    expect(JSON.parse(fatal[0]!)).not.toHaveProperty('err'); // a sentence, no stack
    expect(output).not.toContain('secret');
    expect(tookMs).toBeLessThan(60_000);
  };
  const { TOPIC_STANDARDS, TOPIC_RUN_REFERENCES } = flow.env as Record<string, string>;
  const { KAFKA_GROUP, TOPIC_SCANS, TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS } = flow.env as Record<
    string,
    string
  >;

  await expectFatal(/Expected the broker to accept KAFKA_SASL_USERNAME/, {
    KAFKA_SASL_PASSWORD: 'secretive',
  });
  await expectFatal(/Expected topics .* to be visible to this user/);
  await allow(
    ['TOPIC', TOPIC_SCANS!, 'READ'],
    ['TOPIC', TOPIC_DESCRIPTORS!, 'WRITE'],
    ['TOPIC', TOPIC_DEAD_LETTERS!, 'WRITE'],
    ['TOPIC', TOPIC_STANDARDS!, 'READ'],
    ['TOPIC', TOPIC_RUN_REFERENCES!, 'READ'],
  );
  await expectFatal(/right to read its consumer group.*GROUP_AUTHORIZATION_FAILED/);
  await allow(['GROUP', KAFKA_GROUP!, 'READ']);
  await expectFatal(/transactional ids KAFKA_GROUP-TOPIC_SCANS-\*.*TRANSACTIONAL_ID_AUTHORIZATION_FAILED/);
  await allow(['TRANSACTIONAL_ID', `${KAFKA_GROUP}-${TOPIC_SCANS}-`, 'WRITE']);
  await expectFatal(/Expected transaction\.max\.timeout\.ms of the broker to be at least 60000/);
});
