import getPort from 'get-port';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { until } from '../until.ts';

/** Three brokers on the loopback, each of a small heap, that keep everything three times and answer with two. */
export async function startCluster(): Promise<readonly KafkaService[]> {
  const ids = [1, 2, 3];
  const ports: { readonly id: number; readonly port: number; readonly controllerPort: number }[] = [];
  for (const id of ids) {
    const port = await getPort({ host: '127.0.0.1' });
    ports.push({ id, port, controllerPort: await getPort({ host: '127.0.0.1' }) });
  }
  const voters = ports.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');
  const cluster = await Promise.all(
    ports.map((node) =>
      startKafka({
        node: { ...node, voters },
        javaOptions: ['-Xmx320m', '-XX:TieredStopAtLevel=1'],
        settings: {
          'default.replication.factor': '3',
          'min.insync.replicas': '2',
          'offsets.topic.replication.factor': '3',
          'transaction.state.log.replication.factor': '3',
          'transaction.state.log.min.isr': '2',
        },
      }),
    ),
  );
  // A topic of three replicas is refused until each broker has told the controller that it is there.
  const admin = quietKafkaClient(cluster.flatMap(({ brokers }) => brokers)).admin();
  await admin.connect();
  await until(async () => {
    try {
      const probe = { topic: 'three-replicas', numPartitions: 1, replicationFactor: 3 };
      await admin.createTopics({ topics: [probe], waitForLeaders: false });
      return true;
    } catch {
      return false;
    }
  }, 240_000);
  await admin.disconnect();
  return cluster;
}
