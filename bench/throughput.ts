// npm run bench: the processor, a plain Python consumer and a bare client loop in turns, on one broker and one topic.

import type { Kafka, Message } from 'kafkajs';
import { quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { encodeScan } from '../src/wire/scan-codec.ts';
import { listFlag } from '../workbench/list-flag.ts';
import { nameFlag, nameFlags } from '../workbench/name-flags.ts';
import { number, wholeNumber } from '../workbench/number-flags.ts';
import { median, quantile } from '../workbench/report/statistics.ts';
import { type Latency, line, report, type Saturated } from './bench-figures.ts';
import { type BenchRun, type BenchTopic, benchTopic } from './bench-run.ts';
import { BENCH_ELEMENTS, benchScans } from './bench-scans.ts';
import { cpuMs, eventLoopDelay, memoryMb, peakMemoryMb } from './process-usage.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

const HELP = `npm run bench [-- FLAGS]: scans/s, CPU and latency of the processor, beside a plain Python consumer that
does the same job without checks or verdicts (bench/python-peer.py; saturated only) and a loop of the same Kafka client
that does no work. They take turns on one broker with an ordinary JVM and one topic; medians over the rounds.

  --element NAME  ${BENCH_ELEMENTS.join(', ')} [Cu]
  --points N      of a scan; one takes 16 bytes [400]
  --scans N       waiting in the topic when a run begins [20000]
  --rounds N      of all three [3]
  --rates LIST    scans/s at which latency is measured, separated by commas; 0: not [1,10,100,1000]
  --seconds N     how long each rate is held [20]
  --partitions N  of every topic [4]
  --subjects LIST of processor, pythonPeer and bareLoop, separated by commas [all]
  --workers N     threads of the processor [cores - 1]
  --json          one JSON object at the end
  --quick         fewer scans and rounds: within 4 minutes
  --node-args LIST  of the processor, separated by spaces, such as "--cpu-prof --cpu-prof-dir=DIR"

KAFKA_BROKERS: use this broker instead of starting one. The processor's settings are read from the environment.

Rate: from the first tenth of the scans to the last, as a read_committed reader gets them. Latency: from handing a
scan to the producer to the reader's having its result. CPU and memory (resident, largest): of that process.
Event loop: how long the processor's main thread stood still, saturated.`;

const { values: flags } = parseFlags({
  options: {
    element: { type: 'string', default: 'Cu' },
    points: { type: 'string', default: '400' },
    scans: { type: 'string' },
    rounds: { type: 'string' },
    rates: { type: 'string' },
    seconds: { type: 'string' },
    partitions: { type: 'string', default: '4' },
    subjects: { type: 'string', default: SUBJECTS.join(',') },
    workers: { type: 'string' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'node-args': { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

const [FULL, QUICK] = [
  { scans: '20000', rounds: '3', rates: '1,10,100,1000', seconds: '20' },
  { scans: '8000', rounds: '1', rates: '100,1000', seconds: '8' },
];
/** Before latency is taken: what V8 has not compiled yet is not what a service that runs for days answers with. */
const WARM_UP_SECONDS = 10;

const given = (name: keyof typeof FULL): string => flags[name] ?? (flags.quick ? QUICK : FULL)[name];

async function bench(): Promise<void> {
  const counts = { scans: whole('scans'), rounds: whole('rounds'), seconds: whole('seconds') };
  const rates = listFlag('rates', given('rates'))
    .map((rate) => number('rates', rate, 0))
    .filter((rate) => rate > 0);
  const scanOf = messageMaker();
  const subjects = nameFlags('subjects', flags.subjects, SUBJECTS);
  const brokers = process.env.KAFKA_BROKERS?.split(',');
  const broker = brokers ? { brokers, close: async () => {} } : await startKafka({ javaOptions: ['-Xmx1g'] });
  const saturated = new Map<Subject, Saturated[]>();
  const latency = new Map<string, Map<Subject, Latency[]>>();
  try {
    const kafka = quietKafkaClient(broker.brokers);
    const partitions = wholeNumber('partitions', flags.partitions);
    const full = await benchTopic(kafka, broker.brokers, partitions);
    for (let from = 0; from < counts.scans; from += 500)
      await full.publish(scanOf(from, Math.min(500, counts.scans - from)));
    for (let round = 1; round <= counts.rounds; round += 1) {
      for (const subject of subjects) {
        const figures = await whileFull(full, subject, counts.scans);
        keep(saturated, subject, figures, `round ${round}  saturated  ${subject}`);
      }
    }
    await full.close();
    for (let round = 1; round <= counts.rounds; round += 1) {
      for (const rate of rates) {
        const bySubject = latency.get(String(rate)) ?? new Map<Subject, Latency[]>();
        latency.set(String(rate), bySubject);
        for (const subject of subjects.filter((each) => each !== 'pythonPeer')) {
          const figures = await atRate(
            kafka,
            broker.brokers,
            partitions,
            subject,
            rate,
            counts.seconds,
            scanOf,
          );
          keep(bySubject, subject, figures, `round ${round}  ${rate}/s  ${subject}`);
        }
      }
    }
  } finally {
    await broker.close();
  }
  const scans = `${flags.element}, ${flags.points} points, ${flags.partitions} partitions`;
  report(saturated, latency, flags.json ? null : `Medians of ${counts.rounds} rounds, ${scans}`);
}

/** All scans lie in the topic when the subject starts. */
async function whileFull(topic: BenchTopic, subject: Subject, count: number): Promise<Saturated> {
  const run = await startOn(topic, subject);
  const { pid } = run.child;
  await untilArrived(run, count * 0.1);
  if (subject === 'processor') await eventLoopDelay(run.url); // from here on
  const first = {
    ms: performance.now(),
    seen: run.arrivals.size,
    cpuMs: cpuMs(pid),
    memoryMb: memoryMb(pid),
  };
  await untilArrived(run, count);
  const scans = run.arrivals.size - first.seen;
  const seconds = (performance.now() - first.ms) / 1000;
  const cpu = ((cpuMs(pid) - first.cpuMs) / scans) * 1000;
  const delay = subject === 'processor' ? await eventLoopDelay(run.url) : { p99Ms: 0, maxMs: 0 };
  const figures = {
    scansPerSecond: scans / seconds,
    cpuUsPerScan: cpu,
    memoryMb: peakMemoryMb(pid),
    memoryAtTenthMb: first.memoryMb,
    memoryAtEndMb: memoryMb(pid),
    eventLoopP99Ms: delay.p99Ms,
    eventLoopMaxMs: delay.maxMs,
  };
  await run.close();
  return figures;
}

/** Scans come one by one at an even pace. */
async function atRate(
  kafka: Kafka,
  brokers: readonly string[],
  partitions: number,
  subject: Subject,
  rate: number,
  seconds: number,
  scanOf: (from: number, count: number) => Message[],
): Promise<Latency> {
  const topic = await benchTopic(kafka, brokers, partitions);
  const run = await startOn(topic, subject);
  const { pid } = run.child;
  const warmUp = Math.max(3, rate * WARM_UP_SECONDS);
  const count = Math.max(5, rate * seconds);
  const all = scanOf(0, warmUp + count);
  const published = new Map<string, number>();
  const startMs = performance.now();
  let cpuStartMs = 0;
  for (let i = 0; i < all.length; ) {
    const due = Math.min(all.length, Math.floor(((performance.now() - startMs) / 1000) * rate));
    if (i < warmUp && due >= warmUp) cpuStartMs = cpuMs(pid);
    if (due > i) {
      const some = all.slice(i, due);
      for (const { key } of some) published.set(String(key), performance.now());
      void topic.publish(some);
      i = due;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await untilArrived(run, all.length);
  const latencies = all
    .slice(warmUp)
    .map(({ key }) => run.arrivals.get(String(key))! - published.get(String(key))!);
  const figures = {
    p50Ms: median(latencies),
    p99Ms: quantile(latencies, 0.99),
    p999Ms: quantile(latencies, 0.999),
    cpuUsPerScan: ((cpuMs(pid) - cpuStartMs) / count) * 1000,
  };
  await run.close();
  await topic.close();
  return figures;
}

function startOn(topic: BenchTopic, subject: Subject): Promise<BenchRun> {
  const env: Record<string, string> = flags.workers === undefined ? {} : { WORKERS: flags.workers };
  return topic.start(subject, env, flags['node-args'].split(' ').filter(Boolean));
}

function messageMaker(): (from: number, count: number) => Message[] {
  const element = nameFlag('element', flags.element, BENCH_ELEMENTS);
  const scanOf = benchScans(element, wholeNumber('points', flags.points));
  return (from, count) =>
    Array.from({ length: count }, (_, i) => {
      const scan = scanOf(from + i);
      return { key: scan.sampleId, ...encodeScan(scan) };
    });
}

function keep<Key, Figures extends object>(
  kept: Map<Key, Figures[]>,
  key: Key,
  figures: Figures,
  what: string,
): void {
  kept.set(key, [...(kept.get(key) ?? []), figures]);
  console.error(`${what.padEnd(34)} ${line(figures)}`);
}

async function untilArrived({ arrivals }: BenchRun, count: number): Promise<void> {
  while (arrivals.size < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

const whole = (name: 'scans' | 'rounds' | 'seconds'): number => wholeNumber(name, given(name));

if (flags.help) console.log(HELP);
else await runCommand(bench);
