// npm run bench: the processor beside the bare client loop, on the same broker, in the same run.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Kafka, Message } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../demo/services/start-process.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { NO_CHANNELS, type Scan } from '../src/messages/scan.ts';
import { createFlowTopics } from '../src/producers/create-topics.ts';
import { encodeScan } from '../src/wire/scan-codec.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { median, quantile } from '../workbench/report/statistics.ts';

const HELP = `npm run bench [-- FLAGS]: scans/s and latency of the processor, beside a loop of the same Kafka client
that does no work (consume, produce and commit in transactions). The two take turns; medians over the rounds are
printed.

  --scans N     scans waiting in the topic when a run begins [20000]
  --rounds N    rounds of both [3]
  --rates LIST  scans/s at which latency is measured, separated by commas; 0: not [100,1000]
  --seconds N   how long each rate is held [10]
  --points N    points of a scan; one takes 16 bytes [200]
  --partitions N  of every topic [4]
  --node-args LIST  of the processor, separated by spaces, such as "--cpu-prof --cpu-prof-dir=DIR"

KAFKA_BROKERS: use this broker instead of starting one. The processor's settings are read from the environment.

Rate: from the first tenth of the scans to the last, as a read_committed reader gets them. Latency: from handing a
scan to the producer to the reader's having its result, p50 and p99. CPU and memory (resident, largest): of that
process.`;

const { values: flags } = parseFlags({
  options: {
    scans: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    rates: { type: 'string', default: '100,1000' },
    seconds: { type: 'string', default: '10' },
    points: { type: 'string', default: '200' },
    partitions: { type: 'string', default: '4' },
    'node-args': { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

const SUBJECTS = { processor: 'src/bin/processor.ts', 'bare loop': 'bench/bare-loop.ts' } as const;
type Subject = keyof typeof SUBJECTS;
type Numbers = Readonly<Record<string, number>>;

async function bench(): Promise<void> {
  const scanCount = integer('scans');
  const seconds = integer('seconds');
  const rates = flags.rates
    .split(',')
    .map(Number)
    .filter((rate) => rate > 0);
  const given = process.env.KAFKA_BROKERS?.split(',');
  const broker = given ? { brokers: given, close: async () => {} } : await startKafka();
  const results = new Map<string, Numbers[]>();
  try {
    const kafka = quietKafkaClient(broker.brokers);
    for (let round = 0; round < integer('rounds'); round += 1) {
      for (const subject of Object.keys(SUBJECTS) as Subject[]) {
        const keep = (what: string, numbers: Numbers) => {
          const name = `${what.padEnd(12)} ${subject}`;
          results.set(name, [...(results.get(name) ?? []), numbers]);
          console.log(`round ${round + 1}  ${name.padEnd(24)} ${line(numbers)}`);
        };
        keep('saturated', await saturated(kafka, broker.brokers, subject, scanCount));
        for (const rate of rates)
          keep(`${rate}/s`, await atRate(kafka, broker.brokers, subject, rate, seconds));
      }
    }
  } finally {
    await broker.close();
  }
  console.log(
    `\nMedians of ${flags.rounds} rounds, scans of ${flags.points} points, ${flags.partitions} partitions:`,
  );
  for (const [name, rounds] of results) console.log(`${name.padEnd(24)} ${line(medians(rounds))}`);
  const rateOf = (subject: Subject) =>
    medians(results.get(`${'saturated'.padEnd(12)} ${subject}`)!)['scans/s']!;
  console.log(
    `processor / bare loop: ${(rateOf('processor') / rateOf('bare loop')).toFixed(3)} of its scans/s`,
  );
}

/** All scans lie in the topic when the subject starts. */
async function saturated(kafka: Kafka, brokers: string[], subject: Subject, count: number): Promise<Numbers> {
  const run = await startRun(kafka, brokers);
  for (let from = 0; from < count; from += 500)
    await run.publish(messages(from, Math.min(500, count - from)));
  const child = await run.start(subject);
  const counted = (n: number) => untilTrue(() => run.arrivals.size >= n);
  await counted(count * 0.1);
  const first = { ms: performance.now(), seen: run.arrivals.size, cpuMs: cpuMs(child.pid) };
  await counted(count);
  const scans = run.arrivals.size - first.seen;
  const numbers = {
    'scans/s': (scans / (performance.now() - first.ms)) * 1000,
    'CPU us/scan': ((cpuMs(child.pid) - first.cpuMs) / scans) * 1000,
    'memory MB': peakMemoryMb(child.pid),
  };
  await run.close();
  return numbers;
}

/** Scans come one by one at an even pace. */
async function atRate(
  kafka: Kafka,
  brokers: string[],
  subject: Subject,
  rate: number,
  seconds: number,
): Promise<Numbers> {
  const run = await startRun(kafka, brokers);
  const child = await run.start(subject);
  const count = rate * seconds;
  const warmUp = rate; // one second
  const published = new Map<string, number>();
  const all = messages(0, warmUp + count);
  const startMs = performance.now();
  let cpuStartMs = 0;
  for (let i = 0; i < all.length; ) {
    const due = Math.min(all.length, Math.floor(((performance.now() - startMs) / 1000) * rate));
    if (i < warmUp && due >= warmUp) cpuStartMs = cpuMs(child.pid);
    if (due > i) {
      const some = all.slice(i, due);
      for (const { key } of some) published.set(String(key), performance.now());
      void run.publish(some);
      i = due;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await untilTrue(() => run.arrivals.size >= all.length);
  const cpu = ((cpuMs(child.pid) - cpuStartMs) / count) * 1000;
  const latencies = all
    .slice(warmUp)
    .map(({ key }) => run.arrivals.get(String(key))! - published.get(String(key))!);
  const numbers = {
    'p50 ms': median(latencies),
    'p99 ms': quantile(latencies, 0.99),
    'CPU us/scan': cpu,
    'memory MB': peakMemoryMb(child.pid),
  };
  await run.close();
  return numbers;
}

/** Topics, a producer and a read_committed reader for one run. `arrivals`: key of the record -> ms. */
async function startRun(kafka: Kafka, brokers: string[]) {
  const id = randomUUID().slice(0, 8);
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_GROUP: `bench-${id}`,
    TOPIC_SCANS: `bench-scans-${id}`,
    TOPIC_DESCRIPTORS: `bench-descriptors-${id}`,
    TOPIC_DEAD_LETTERS: `bench-dead-letters-${id}`,
  };
  await createFlowTopics(quietKafkaClient(brokers), env, integer('partitions'));
  const producer = createProducer(kafka);
  await producer.connect();
  const reader = kafka.consumer({ groupId: `bench-reader-${id}` });
  const arrivals = new Map<string, number>();
  await reader.connect();
  await reader.subscribe({ topics: [env.TOPIC_DESCRIPTORS, env.TOPIC_DEAD_LETTERS], fromBeginning: true });
  await reader.run({
    partitionsConsumedConcurrently: 16,
    eachBatch: async ({ batch }) => {
      const now = performance.now();
      for (const { key } of batch.messages) arrivals.set(String(key), now);
      if (batch.topic === env.TOPIC_DEAD_LETTERS && batch.messages.length > 0)
        throw new Error('Expected no dead letters in a benchmark');
    },
  });
  let child: RunningProcess | undefined;
  return {
    arrivals,
    publish: (some: Message[]) => producer.send({ topic: env.TOPIC_SCANS, messages: some }),
    async start(subject: Subject) {
      const nodeArgs = subject === 'processor' ? flags['node-args'].split(' ').filter(Boolean) : [];
      const { args } = typescript(SUBJECTS[subject]);
      child = await startProcess(subject, { args: [...nodeArgs, ...args], env, ready: /"msg":"processing"/ });
      return child;
    },
    async close() {
      await child?.stop();
      await Promise.all([reader.disconnect(), producer.disconnect()]);
    },
  };
}

function messages(from: number, count: number): Message[] {
  return Array.from({ length: count }, (_, i) => {
    const scan = benchScan(from + i);
    return { key: scan.sampleId, ...encodeScan(scan) };
  });
}

/** A computed Co spectrum of LixCoO2 on an even axis, each scan a sample of its own with a ripple of its own. */
function benchScan(number: number): Scan {
  const site = SITES[number % SITES.length]!;
  const points = integer('points');
  const firstEv = site.energyEv[0]!;
  const stepEv = (site.energyEv.at(-1)! - firstEv) / (points - 1);
  const energyEv = Float64Array.from({ length: points }, (_, i) => firstEv + i * stepEv);
  let k = 0;
  const mu = energyEv.map((energy, i) => {
    while (k < site.energyEv.length - 2 && site.energyEv[k + 1]! < energy) k += 1;
    const share = (energy - site.energyEv[k]!) / (site.energyEv[k + 1]! - site.energyEv[k]!);
    const value = site.mu[k]! + share * (site.mu[k + 1]! - site.mu[k]!);
    return value + 0.002 * Math.sin(i * 12.9898 + number * 78.233);
  });
  return {
    scanId: `scan-${number}`,
    runId: 'bench',
    sampleId: `sample-${number}`,
    beamline: 'bench',
    element: 'Co',
    edge: 'K',
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv,
    mu,
    startedAtMs: Date.now(),
    endedAtMs: Date.now(),
    sequence: number,
    origin: 'REPLAY',
    metadata: { 'energy.scale': 'feff10' },
  };
}

const SITES: readonly { energyEv: number[]; mu: number[] }[] = readFileSync(
  new URL('../data/li-x-coo2/series.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((text) => JSON.parse(text));

/** CPU time of all threads of a process, ms; the kernel counts it in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const peakMemoryMb = (pid: number) =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

function medians(rounds: readonly Numbers[]): Numbers {
  return Object.fromEntries(
    Object.keys(rounds[0]!).map((name) => [name, median(rounds.map((numbers) => numbers[name]!))]),
  );
}

const line = (numbers: Numbers) =>
  Object.entries(numbers)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(1) : value.toFixed(0)}`)
    .join('   ');

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function integer(name: 'scans' | 'rounds' | 'seconds' | 'points' | 'partitions'): number {
  return wholeNumber(name, flags[name]);
}

if (flags.help) console.log(HELP);
else await runCommand(bench);
