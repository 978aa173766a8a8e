// node --import tsx bench/projection.ts: rows/s of the projection, from a topic that is full when it starts.

import { randomUUID } from 'node:crypto';
import getPort from 'get-port';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { startProcess, typescript } from '../demo/services/start-process.ts';
import { startRedis } from '../demo/services/start-redis.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { systemClock } from '../src/common/clock.ts';
import { createFlowTopics } from '../src/producers/create-topics.ts';
import { openChain } from '../src/threads/open-chain.ts';
import { DESCRIPTORS_HEADERS } from '../src/wire/descriptors-codec.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { benchScans } from './bench-scans.ts';
import { cpuMs } from './process-usage.ts';
import { benchRecord } from './records.ts';

const HELP = `Rows/s that the projection writes into Redis, and its CPU, from a topic of descriptor events that is full
when it starts; from the first tenth to the end. It must not fall behind two processors (npm run bench).

  node --import tsx bench/projection.ts [options]

  --events N      [20000]
  --points N      of a scan [400]
  --partitions N  [4]
  --help`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      events: { type: 'string', default: '20000' },
      points: { type: 'string', default: '400' },
      partitions: { type: 'string', default: '4' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const events = wholeNumber('events', flags.events);
  const id = randomUUID().slice(0, 8);
  const topics = {
    TOPIC_SCANS: `bench-scans-${id}`,
    TOPIC_DESCRIPTORS: `bench-descriptors-${id}`,
    TOPIC_DEAD_LETTERS: `bench-dead-letters-${id}`,
    TOPIC_STANDARDS: `bench-standards-${id}`,
    TOPIC_RUN_REFERENCES: `bench-run-references-${id}`,
    TOPIC_RUNS: `bench-runs-${id}`,
  };
  const kafka = await startKafka({ javaOptions: ['-Xmx1g'] });
  const redis = await startRedis();
  try {
    await createFlowTopics(
      quietKafkaClient(kafka.brokers),
      topics,
      wholeNumber('partitions', flags.partitions),
    );
    await publish(kafka.brokers, topics.TOPIC_DESCRIPTORS, events, wholeNumber('points', flags.points));
    const port = await getPort({ host: '127.0.0.1' });
    const child = await startProcess('projection', {
      ...typescript('src/bin/projection.ts'),
      env: {
        ...topics,
        KAFKA_BROKERS: kafka.brokers.join(','),
        KAFKA_GROUP: `bench-${id}`,
        REDIS_URL: redis.url,
        PORT: String(port),
      },
    });
    const untilWritten = async (count: number): Promise<number> => {
      for (;;) {
        const written = await rowsWritten(`http://127.0.0.1:${port}/metrics`);
        if (written >= count) return written;
        await systemClock.sleep(20);
      }
    };
    const seen = await untilWritten(events / 10);
    const [startedAt, cpuBefore] = [performance.now(), cpuMs(child.pid)];
    await untilWritten(events);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = (1000 * (cpuMs(child.pid) - cpuBefore)) / (events - seen);
    console.log(`${((events - seen) / seconds).toFixed(0)} rows/s, ${cpu.toFixed(0)} us of CPU a row`);
    await child.stop();
  } finally {
    await redis.close();
    await kafka.close();
  }
});

/** Events as the processor makes them. */
async function publish(
  brokers: readonly string[],
  topic: string,
  events: number,
  points: number,
): Promise<void> {
  const settings = { modelDir: modelFolder('spt'), engine: 'auto', engineThreads: 1, maxBatch: 128 } as const;
  const chain = await openChain(settings, systemClock.nowMs, (_, error) => {
    throw error;
  });
  const scanOf = benchScans('Cu', points);
  const producer = createProducer(quietKafkaClient(brokers));
  await producer.connect();
  for (let from = 0; from < events; from += 128) {
    const count = Math.min(128, events - from);
    const outcomes = await chain.run(
      Array.from({ length: count }, (_, i) => benchRecord(scanOf(from + i), from + i)),
    );
    const messages = outcomes.flat().map((outcome) => {
      if (outcome.kind !== 'descriptors') throw new Error('Expected no dead letters in a benchmark');
      return { key: outcome.scan.sampleId, value: outcome.value, headers: DESCRIPTORS_HEADERS };
    });
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  await chain.close();
}

/** 0 while nobody answers yet. */
async function rowsWritten(url: string): Promise<number> {
  const text = await fetch(url).then(
    (response) => response.text(),
    () => '',
  );
  const counts = [...text.matchAll(/^xanes_projection_records_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
