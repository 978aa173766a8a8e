// node --import tsx bench/lone-scan.ts: how long one scan takes that has no company, and a processor to start.

import { randomUUID } from 'node:crypto';
import getPort from 'get-port';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { startProcess, typescript } from '../demo/services/start-process.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { createFlowTopics } from '../src/producers/create-topics.ts';
import { encodeScan } from '../src/wire/scan-codec.ts';
import { nameFlag } from '../workbench/name-flags.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { median, quantile } from '../workbench/report/statistics.ts';
import { line } from './bench-figures.ts';
import { topicsOf } from './bench-run.ts';
import { BENCH_ELEMENTS, benchScans } from './bench-scans.ts';
import { type OutcomeReader, outcomeReader, type SeenScan } from './outcome-reader.ts';
import { meanCommitMs } from './process-usage.ts';

const HELP = `From a processor's start to its first descriptors, of a scan that waits for it in the topic; then the
latency of lone scans by stage: each is published when the descriptors of the one before have been read.

  node --import tsx bench/lone-scan.ts [options]

  --element NAME  ${BENCH_ELEMENTS.join(', ')} [Cu]
  --points N      of a scan [400]
  --starts N      processors that are started, one after the other [3]
  --scans N       for each of them [100]
  --help

Times of stages are those that the events carry. The last stage holds encoding and the way to the main thread, the
commit, and the fetch of a read_committed reader; the commit (produce, offsets, end of the transaction) is by the
processor's own metrics, a mean.`;

/** Ends what would wait for ever; no measure of speed. */
const READY_WITHIN_MS = 240_000;

type Stage = 'all' | 'produce, fetch' | 'wait, decode' | 'prepare' | 'predict' | 'gate' | 'encode to reader';

async function loneScans(): Promise<void> {
  const { values: flags } = parseFlags({
    options: {
      element: { type: 'string', default: 'Cu' },
      points: { type: 'string', default: '400' },
      starts: { type: 'string', default: '3' },
      scans: { type: 'string', default: '100' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const scanOf = benchScans(
    nameFlag('element', flags.element, BENCH_ELEMENTS),
    wholeNumber('points', flags.points),
  );
  const [starts, scans] = [wholeNumber('starts', flags.starts), wholeNumber('scans', flags.scans)];
  const broker = await startKafka({ javaOptions: ['-Xmx1g'] });
  const kafka = quietKafkaClient(broker.brokers);
  const producer = createProducer(kafka);
  await producer.connect();
  const started: Record<'readyMs' | 'firstDescriptorsMs', number>[] = [];
  const stages: Record<Stage, number>[] = [];
  const commits: number[] = [];
  try {
    for (let start = 0; start < starts; start += 1) {
      const id = randomUUID().slice(0, 8);
      const topics = topicsOf(`scans-${id}`, id);
      await createFlowTopics(kafka, topics, 1);
      const reader = await outcomeReader(kafka, topics);
      const publish = async (number: number) => {
        const scan = scanOf(number);
        const message = { key: scan.sampleId, ...encodeScan(scan) };
        await producer.send({ topic: topics.TOPIC_SCANS, messages: [message] });
      };
      await publish(0);
      const port = await getPort({ host: '127.0.0.1' });
      const startedMs = performance.now();
      const processor = await startProcess('processor', {
        ...typescript('src/bin/processor.ts'),
        env: { ...topics, KAFKA_BROKERS: broker.brokers.join(','), KAFKA_GROUP: id, PORT: `${port}` },
        ready: /"msg":"processing"/,
        readyTimeoutMs: READY_WITHIN_MS,
      });
      const readyMs = performance.now() - startedMs;
      started.push({ readyMs, firstDescriptorsMs: (await nthSeen(reader, 1)).atMs - startedMs });
      for (let number = 1; number <= scans; number += 1) {
        const publishedMs = performance.now();
        await publish(number);
        stages.push(stagesOf(await nthSeen(reader, number + 1), publishedMs));
      }
      commits.push(await meanCommitMs(`http://127.0.0.1:${port}`));
      await processor.stop();
      await reader.close();
    }
  } finally {
    await producer.disconnect();
    await broker.close();
  }
  console.log(`start       median of ${starts}   ${line(summary(started, median))}`);
  console.log(`lone scan   median, ms   ${line(summary(stages, median))}`);
  console.log(`            of the last, the commit: mean, ms   ${median(commits).toFixed(2)}`);
  console.log(`            p90, ms      ${line(summary(stages, (values) => quantile(values, 0.9)))}`);
}

async function nthSeen({ seen }: OutcomeReader, n: number): Promise<SeenScan> {
  while (seen.length < n) await new Promise((resolve) => setTimeout(resolve, 1));
  return seen[n - 1]!;
}

/** `publishedMs`: by performance.now() of this process, as when it was seen; the others since 1970, by one clock. */
function stagesOf({ atMs, times }: SeenScan, publishedMs: number): Record<Stage, number> {
  const ms = (micros: number) => micros / 1000 - performance.timeOrigin;
  return {
    all: atMs - publishedMs,
    'produce, fetch': ms(times.receivedAt) - publishedMs,
    'wait, decode': (times.decodedAt - times.receivedAt) / 1000,
    prepare: (times.preparedAt - times.decodedAt) / 1000,
    predict: (times.predictedAt - times.preparedAt) / 1000,
    gate: (times.gatedAt - times.predictedAt) / 1000,
    'encode to reader': atMs - ms(times.gatedAt),
  };
}

const summary = <Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
  of: (values: readonly number[]) => number,
): Record<Name, number> =>
  Object.fromEntries(
    (Object.keys(rows[0]!) as Name[]).map((name) => [name, of(rows.map((row) => row[name]))]),
  ) as Record<Name, number>;

await runCommand(loneScans);
