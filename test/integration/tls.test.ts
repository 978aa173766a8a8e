import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { temporaryFolder } from '../../demo/services/temporary-folder.ts';
import { makeCertificates } from '../certificates.ts';
import { exampleScan } from '../faults/scans.ts';
import { type Flow, startFlow } from './flow.ts';

// A broker that speaks TLS at a port of its own, and wants a certificate of whoever comes there.
const folder = temporaryFolder('kafka-tls');
const file = (name: string) => join(folder.path, name);
let broker: KafkaService;
let flow: Flow;
let tls: Readonly<Record<string, string>>;
let processor: RunningProcess | undefined;
beforeAll(async () => {
  makeCertificates(folder.path);
  const [port, controllerPort, tlsPort] = await Promise.all(
    Array.from({ length: 3 }, () => getPort({ host: '127.0.0.1' })),
  );
  const plain = `PLAINTEXT://127.0.0.1:${port}`;
  const secure = `SSL://127.0.0.1:${tlsPort}`;
  broker = await startKafka({
    node: { id: 1, port: port!, controllerPort: controllerPort!, voters: `1@127.0.0.1:${controllerPort}` },
    settings: {
      listeners: `${plain},CONTROLLER://127.0.0.1:${controllerPort},${secure}`,
      'advertised.listeners': `${plain},${secure}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': file('server.chain.pem'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': file('ca.pem'),
      'ssl.client.auth': 'required',
    },
  });
  flow = await startFlow(broker.brokers, { partitions: 1 });
  tls = {
    KAFKA_BROKERS: `127.0.0.1:${tlsPort}`,
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA: file('ca.pem'),
    KAFKA_TLS_CERT: file('client.pem'),
    KAFKA_TLS_KEY: file('client.key'),
  };
});
afterEach(() => processor?.stop());
afterAll(async () => {
  await flow?.close();
  await broker?.close();
  folder.remove();
});

test('a processor reads and writes by TLS, with a certificate of its own', async () => {
  await flow.publish(Array.from({ length: 20 }, (_, i) => exampleScan('sample', i)));
  processor = await flow.start(tls);
  const { descriptors, lost, doubled } = await flow.outcomes();
  expect({ descriptors: descriptors.length, lost, doubled }).toEqual({
    ...{ descriptors: 20, lost: [], doubled: [] },
  });
});

test('without one it ends with one line that says so', async () => {
  const env = { ...flow.env, ...tls, KAFKA_TLS_CERT: '', KAFKA_TLS_KEY: '' };
  processor = await startProcess('processor', { ...typescript('src/bin/processor.ts'), env });
  expect(await processor.exited).toMatchObject({ code: 1 });
  const fatal = processor
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":60'));
  expect(fatal).toEqual([expect.stringMatching(/Expected KAFKA_BROKERS .* to answer .*certificate/)]);
});
