// node --import tsx bench/dry-run.ts: many partitions and beamlines on one machine, as a facility would have them.

import { randomUUID } from 'node:crypto';
import getPort from 'get-port';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../demo/services/start-process.ts';
import { startRedis } from '../demo/services/start-redis.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { createFlowTopics } from '../src/producers/create-topics.ts';
import { encodeScan } from '../src/wire/scan-codec.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { median, quantile } from '../workbench/report/statistics.ts';
import { benchScans } from './bench-scans.ts';
import { outcomeReader, tallySamples } from './outcome-reader.ts';
import { cpuMs, peakMemoryMb } from './process-usage.ts';

const HELP = `Many partitions and beamlines on one broker, with processors and a projection, at an even rate; halfway
one processor is killed. What came out, how late, what each process cost, and what transactions cost the broker.

  node --import tsx bench/dry-run.ts [options]

  --partitions N  of every topic [64]
  --beamlines N   [50]
  --samples N     of a beamline at a time [4]
  --processors N  [2]
  --rate N        scans/s of all together [100]
  --seconds N     [60]
  --points N      of a scan [200]
  --json          one JSON object at the end
  --help

Latency: from handing a scan to the producer to the reader's having its descriptors, before the kill. Longest wait: of
any scan, after the kill. CPU: of the processors that live on, by all scans. Markers: records by which a broker tells
a partition how a transaction ended.`;

const WARM_UP_S = 5;

type Service = { readonly child: RunningProcess; readonly url: string };
type Usage = { readonly cpuMs: number; readonly memoryMb: number };

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function dryRun(): Promise<void> {
  const flag = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values: flags } = parseFlags({
    options: {
      ...{ partitions: flag('64'), beamlines: flag('50'), samples: flag('4'), processors: flag('2') },
      ...{ rate: flag('100'), seconds: flag('60'), points: flag('200') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const whole = (name: Exclude<keyof typeof flags, 'json' | 'help'>) => wholeNumber(name, flags[name]);
  const counts = {
    partitions: whole('partitions'),
    beamlines: whole('beamlines'),
    samples: whole('samples'),
  };
  const [processors, rate, seconds] = [whole('processors'), whole('rate'), whole('seconds')];
  const scanOf = benchScans('mixed', whole('points'));
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const broker = await startKafka({ javaOptions: ['-Xmx1g'] });
    closers.push(() => broker.close());
    const redis = await startRedis();
    closers.push(() => redis.close());
    const env = settings(broker.brokers, redis.url);
    const kafka = quietKafkaClient(broker.brokers);
    await createFlowTopics(kafka, env, counts.partitions);
    const reader = await outcomeReader(kafka, env);
    closers.push(() => reader.close());
    const producer = createProducer(kafka);
    await producer.connect();
    closers.push(() => producer.disconnect());
    const start = async (program: string, ready: RegExp): Promise<Service> => {
      const port = await getPort({ host: '127.0.0.1' });
      const child = await startProcess(program, {
        ...typescript(program),
        env: { ...env, PORT: String(port) },
        ready,
        readyTimeoutMs: 240_000,
      });
      closers.push(() => child.stop());
      return { child, url: `http://127.0.0.1:${port}` };
    };
    const begun = performance.now();
    const workers = await Promise.all(
      Array.from({ length: processors }, () => start('src/bin/processor.ts', /"msg":"processing"/)),
    );
    const projection = await start('src/bin/projection.ts', /"msg":"projecting"/);
    await untilAllAssigned(workers, counts.partitions);
    const assignedS = (performance.now() - begun) / 1000;

    const publishedMs = new Map<string, number>();
    const published = new Map<string, number>();
    const samples = counts.beamlines * counts.samples;
    /** The number-th scan of all: beamlines and their samples by turns. */
    const message = (number: number) => {
      const beamline = `BL${String(number % counts.beamlines).padStart(2, '0')}`;
      const sampleId = `${beamline}/sample-${Math.floor((number % samples) / counts.beamlines)}`;
      const sequence = published.get(sampleId) ?? 0;
      published.set(sampleId, sequence + 1);
      publishedMs.set(`${sampleId} ${sequence}`, performance.now());
      const scan = { ...scanOf(number), scanId: `${sampleId}/${sequence}`, runId: beamline, beamline };
      return { key: sampleId, ...encodeScan({ ...scan, sampleId, sequence }) };
    };
    const total = rate * (WARM_UP_S + seconds);
    const killAt = rate * (WARM_UP_S + seconds / 2);
    const sends: Promise<unknown>[] = [];
    let killedMs = Number.POSITIVE_INFINITY;
    let before: readonly Usage[] = [];
    const measured = [...workers.slice(1), projection].map(({ child }) => child.pid).concat(broker.pid);
    const startMs = performance.now();
    for (let number = 0; number < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * rate));
      if (before.length === 0 && number >= rate * WARM_UP_S) before = measured.map(usage);
      if (killedMs === Number.POSITIVE_INFINITY && number >= killAt && workers.length > 1) {
        workers[0]!.child.signal('SIGKILL');
        killedMs = performance.now();
      }
      if (due > number) {
        const messages = Array.from({ length: due - number }, (_, i) => message(number + i));
        sends.push(producer.send({ topic: env.TOPIC_SCANS, messages }));
        number = due;
      }
      await sleep(5);
    }
    await Promise.all(sends);
    const deadlineMs = performance.now() + 300_000;
    while (reader.records < total && performance.now() < deadlineMs) await sleep(50);
    const after = measured.map(usage);

    const lateMs = ({ sampleId, sequence, atMs }: (typeof reader.seen)[number]) =>
      atMs - publishedMs.get(`${sampleId} ${sequence}`)!;
    const steady = reader.seen.filter((scan) => scan.sequence > 0 && scan.atMs < killedMs).map(lateMs);
    const later = reader.seen.filter(({ atMs }) => atMs >= killedMs).map(lateMs);
    const counted = rate * seconds;
    const transactions = await sum(workers.slice(1), 'xanes_stage_seconds_count{stage="commit"}');
    const ends = await logEnds(kafka, [env.TOPIC_DESCRIPTORS, env.TOPIC_DEAD_LETTERS]);
    const figures = {
      ...{ ...counts, processors, rate, seconds, scans: total, deadLetters: reader.deadLetters },
      ...tallySamples(reader.seen, published),
      assignedS: Number(assignedS.toFixed(1)),
      ...{ p50Ms: median(steady), p99Ms: quantile(steady, 0.99), longestWaitMs: Math.max(0, ...later) },
      transactionsOfSurvivors: transactions,
      markersPerScan: (ends - reader.records) / total,
      cpuMsPerScan: {
        survivors: perScan(before.slice(0, -2), after.slice(0, -2), counted),
        projection: perScan(before.slice(-2, -1), after.slice(-2, -1), counted),
        broker: perScan(before.slice(-1), after.slice(-1), counted),
      },
      memoryMb: Math.max(...after.slice(0, -2).map(({ memoryMb }) => memoryMb)),
    };
    if (flags.json) console.log(JSON.stringify(figures));
    else console.table(flat(figures));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function settings(brokers: readonly string[], redisUrl: string) {
  const id = randomUUID().slice(0, 8);
  return {
    ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_GROUP: `dry-${id}`, REDIS_URL: redisUrl, LOG_LEVEL: 'info' },
    TOPIC_SCANS: `dry-scans-${id}`,
    TOPIC_DESCRIPTORS: `dry-descriptors-${id}`,
    TOPIC_DEAD_LETTERS: `dry-dead-letters-${id}`,
    TOPIC_STANDARDS: `dry-standards-${id}`,
    TOPIC_RUN_REFERENCES: `dry-run-references-${id}`,
    TOPIC_RUNS: `dry-runs-${id}`,
  };
}

const usage = (pid: number): Usage => ({ cpuMs: cpuMs(pid), memoryMb: peakMemoryMb(pid) });

function perScan(before: readonly Usage[], after: readonly Usage[], scans: number): number {
  return after.reduce((total, { cpuMs: ms }, i) => total + ms - before[i]!.cpuMs, 0) / scans;
}

/** Every partition belongs to one of the processors, and all are ready. */
async function untilAllAssigned(workers: readonly Service[], partitions: number): Promise<void> {
  for (;;) {
    const states = await Promise.all(
      workers.map(async ({ url }) => (await (await fetch(`${url}/readyz`)).json()) as ReadyAnswer),
    );
    const assigned = states.reduce((total, { assigned: own = [] }) => total + own.length, 0);
    if (assigned === partitions && states.every(({ ok }) => ok)) return;
    await sleep(100);
  }
}
type ReadyAnswer = { readonly ok: boolean; readonly assigned?: readonly number[] };

async function sum(services: readonly Service[], series: string): Promise<number> {
  const values = services.map(async ({ url }) => {
    const line = (await (await fetch(`${url}/metrics`)).text())
      .split('\n')
      .find((each) => each.startsWith(series));
    return Number(line?.slice(line.lastIndexOf(' ')) ?? 0);
  });
  return (await Promise.all(values)).reduce((total, value) => total + value, 0);
}

/** How long the logs of topics are, markers among it. */
async function logEnds(
  kafka: ReturnType<typeof quietKafkaClient>,
  topics: readonly string[],
): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    return offsets.flat().reduce((total, { high }) => total + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
}

/** With what lies within an object beside the rest, and three digits. */
function flat(figures: object): Record<string, unknown> {
  const entries = Object.entries(figures).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object'
      ? Object.entries(value).map(([inner, each]) => [`${name} ${inner}`, each])
      : [[name, value]],
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? Number(value.toPrecision(4)) : value]),
  );
}

await runCommand(dryRun);
