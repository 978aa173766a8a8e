// node --import tsx bench/threads.ts: what the worker threads of the processor compute, without a broker.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { modelFolder } from '../src/cli/model-folder.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { systemClock } from '../src/common/clock.ts';
import { microBatch } from '../src/flows/micro-batch.ts';
import type { SourceRecord } from '../src/messages/record.ts';
import { ENGINE_CHOICES } from '../src/model/engine.ts';
import { openChain } from '../src/threads/open-chain.ts';
import { BATCHES_PER_THREAD, type ThreadPool, threadPool } from '../src/threads/thread-pool.ts';
import { listFlag } from '../workbench/list-flag.ts';
import { nameFlag } from '../workbench/name-flags.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { median } from '../workbench/report/statistics.ts';
import { BENCH_ELEMENTS, benchScans } from './bench-scans.ts';
import { benchRecord } from './records.ts';

const HELP = `Scans/s that are computed from records in memory, on 0 (the main thread itself), 1, 2 … worker threads;
how long the main thread's event loop stood still meanwhile; resident memory at a tenth of the scans and at their end.

  node --import tsx bench/threads.ts [options]

  --threads LIST  [0,1,2]; an engine that serves one thread, as a GPU's, is given no more
  --element NAME  ${BENCH_ELEMENTS.join(', ')} [Cu]
  --points N      of a scan [400]
  --scans N       for each [20000]
  --lone N        lone scans, one after the other, whose latency is measured [300]
  --model NAME|DIR  a folder under models/, or any other [spt]
  --engine NAME   ${ENGINE_CHOICES.join(', ')} [auto]
  --help`;

/** So many are offered at a time: more than all threads hold. */
const OFFERED = 2000;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      threads: { type: 'string', default: '0,1,2' },
      element: { type: 'string', default: 'Cu' },
      points: { type: 'string', default: '400' },
      scans: { type: 'string', default: '20000' },
      lone: { type: 'string', default: '300' },
      model: { type: 'string', default: 'spt' },
      engine: { type: 'string', default: 'auto' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const scanOf = benchScans(
    nameFlag('element', flags.element, BENCH_ELEMENTS),
    wholeNumber('points', flags.points),
  );
  const records = Array.from({ length: OFFERED }, (_, i) => benchRecord(scanOf(i), i));
  const scans = wholeNumber('scans', flags.scans);
  const engine = nameFlag('engine', flags.engine, ENGINE_CHOICES);
  for (const threads of listFlag('threads', flags.threads).map((count) => wholeNumber('threads', count, 0))) {
    const settings = { modelDir: modelFolder(flags.model), engine, engineThreads: 1, maxBatch: 128 };
    const startedAt = performance.now();
    const compute = threads === 0 ? await inThisThread(settings) : await onThreads(settings, threads);
    const readyMs = performance.now() - startedAt;
    const ask = microBatch(
      compute.run,
      { maxSize: 128, maxWaitMs: 2, atOnce: Math.max(1, compute.threads * BATCHES_PER_THREAD) },
      systemClock,
    );
    const lone = await loneMs(ask, records.slice(0, wholeNumber('lone', flags.lone)));
    const figures = await saturated(ask, records, scans);
    await compute.close();
    const cells = { 'ready ms': readyMs, 'a lone scan ms': lone, ...figures };
    const fewer = compute.threads < threads ? ` (${compute.threads}, by ${compute.identity.engine})` : '';
    console.log(
      `${threads} threads${fewer}  ${Object.entries(cells)
        .map(([name, value]) => `${name} ${value.toFixed(value < 10 ? 2 : 0)}`)
        .join('   ')}`,
    );
  }
});

type Settings = Parameters<typeof openChain>[0];

async function inThisThread(settings: Settings) {
  const chain = await openChain(settings, systemClock.nowMs, (_, error) => {
    throw error;
  });
  await chain.warmUp();
  return { ...chain, threads: 0 };
}

function onThreads(settings: Settings, threads: number): Promise<ThreadPool> {
  const onDeath = (error: Error) => {
    throw error;
  };
  return threadPool({ threads, settings, onBug: (_, error) => onDeath(error as Error), onDeath });
}

type Ask = (record: SourceRecord) => Promise<readonly { readonly kind: string }[]>;

/** Median, with the micro-batch's wait. */
async function loneMs(ask: Ask, records: readonly SourceRecord[]): Promise<number> {
  const times: number[] = [];
  for (const record of records) {
    const startedAt = performance.now();
    await ask(record);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

async function saturated(ask: Ask, records: readonly SourceRecord[], scans: number) {
  const rounds = Math.ceil(scans / records.length);
  const warmUp = Math.ceil(rounds / 10);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [startedAt, cpu, memoryMb] = [0, process.cpuUsage(), 0];
  // The next records are offered before the last ones are answered, as partitions do that take turns.
  let before: Promise<unknown> = Promise.resolve();
  for (let round = 0; round < warmUp + rounds; round += 1) {
    if (round === warmUp) {
      await before;
      memoryMb = process.memoryUsage().rss / 2 ** 20;
      delay.enable();
      cpu = process.cpuUsage();
      startedAt = performance.now();
    }
    const answers = Promise.all(
      records.map(async (record) => {
        if ((await ask(record))[0]?.kind !== 'descriptors')
          throw new Error('Expected no dead letters in a benchmark');
      }),
    );
    await before;
    before = answers;
  }
  await before;
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const done = rounds * records.length;
  return {
    'scans/s': done / seconds,
    'CPU us/scan': (user + system) / done,
    'event loop p99 ms': delay.percentile(99) / 1e6 - 1,
    'max ms': delay.max / 1e6 - 1,
    'memory MB': memoryMb,
    'at the end': process.memoryUsage().rss / 2 ** 20,
  };
}
