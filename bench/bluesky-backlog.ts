// node --import tsx bench/bluesky-backlog.ts: how fast the Bluesky service reads a night of documents without keys.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';
import getPort from 'get-port';
import type { Message } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { startKafka } from '../demo/services/start-kafka.ts';
import { startProcess, typescript } from '../demo/services/start-process.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { systemClock } from '../src/common/clock.ts';
import { fetchedRecords } from '../src/consumers/fetched-records.ts';
import { isReject } from '../src/messages/reject.ts';
import { createTopics } from '../src/producers/create-topics.ts';
import { decodeDeadLetter } from '../src/wire/dead-letter-codec.ts';
import { decodeScan } from '../src/wire/scan-codec.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { cpuMs, peakMemoryMb } from './process-usage.ts';

const HELP = `A night of Bluesky runs that nobody read: runs/s of one service (npm run bluesky) from a topic that is
full when it starts. Each run is a step scan as a RunEngine writes it: start, descriptor, an event a point, stop.
Documents have no key, so that those of a run lie in all partitions. Fails unless each run becomes one whole scan, and
nothing a dead letter.

  node --import tsx bench/bluesky-backlog.ts [options]

  --runs N        [2000]
  --points N      of a run [60]
  --pages         events in pages of seven
  --partitions N  [12]
  --rounds N      services that read the same topic, one after the other [1]
  --help`;

const SECONDS_A_RUN = 20;

type Doc = readonly [name: string, content: Readonly<Record<string, unknown>>];

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      runs: { type: 'string', default: '2000' },
      points: { type: 'string', default: '60' },
      pages: { type: 'boolean', default: false },
      partitions: { type: 'string', default: '12' },
      rounds: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const runs = wholeNumber('runs', flags.runs);
  const points = wholeNumber('points', flags.points);
  const partitions = wholeNumber('partitions', flags.partitions);
  const kafka = await startKafka({ javaOptions: ['-Xmx1g'] });
  try {
    const topic = `bench-documents-${randomUUID().slice(0, 8)}`;
    await createTopics(quietKafkaClient(kafka.brokers), [topic], partitions);
    const night = { runs, points, partitions, pages: flags.pages };
    console.log(`${await publish(kafka.brokers, topic, night)} documents of ${runs} runs`);
    for (let round = 0; round < wholeNumber('rounds', flags.rounds); round += 1)
      console.log(await read(kafka.brokers, topic, night));
  } finally {
    await kafka.close();
  }
});

type Night = {
  readonly runs: number;
  readonly points: number;
  readonly partitions: number;
  readonly pages: boolean;
};

/** Runs one after the other, each document in a partition by chance; how many documents. */
async function publish(brokers: readonly string[], topic: string, night: Night): Promise<number> {
  const { runs, points, partitions, pages } = night;
  const producer = createProducer(quietKafkaClient(brokers));
  await producer.connect();
  const beganMs = Date.now() - runs * SECONDS_A_RUN * 1000;
  let seed = 1;
  let count = 0;
  for (let from = 0; from < runs; from += 20) {
    const messages: Message[] = [];
    for (let run = from; run < Math.min(from + 20, runs); run += 1) {
      const startedMs = beganMs + run * SECONDS_A_RUN * 1000;
      const documents = runOf(run, points, pages, startedMs / 1000);
      for (const [i, document] of documents.entries()) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        messages.push({
          partition: Math.floor((seed / 2 ** 32) * partitions),
          timestamp: String(Math.round(startedMs + (i * 900 * SECONDS_A_RUN) / documents.length)),
          key: null,
          value: Buffer.from(encode(document)),
        });
      }
    }
    count += messages.length;
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  return count;
}

/** The documents of a step scan by `bp.list_scan`, with the fields that a RunEngine gives them. */
function runOf(number: number, points: number, pages: boolean, time: number): readonly Doc[] {
  const [run, descriptor] = [randomUUID(), randomUUID()];
  const energies = Array.from({ length: points }, (_, i) => 7100 + i);
  const dataKey = (name: string, units?: string) => ({
    ...{ source: `SIM:${name}`, dtype: 'number', shape: [], precision: 3, object_name: name },
    ...(units !== undefined && { units }),
  });
  const configured = (name: string) => ({
    data: { [`${name}_velocity`]: 1 },
    timestamps: { [`${name}_velocity`]: time },
    data_keys: { [`${name}_velocity`]: { source: `SIM:${name}`, dtype: 'integer', shape: [] } },
  });
  const events = energies.map((energy, i) => {
    const data = {
      i0: 100_000 + i,
      it: 50_000 + number + i,
      mono_energy: energy,
      mono_energy_setpoint: energy,
    };
    const at = time + 1 + i / 4;
    return {
      ...{ uid: randomUUID(), time: at, data, descriptor, seq_num: i + 1, filled: {} },
      timestamps: Object.fromEntries(Object.keys(data).map((key) => [key, at])),
    };
  });
  const start = {
    ...{ uid: run, time, scan_id: number + 1, plan_type: 'generator', plan_name: 'list_scan' },
    versions: { ophyd: '1.11.2', bluesky: '1.15.1' },
    detectors: ['i0', 'it'],
    motors: ['mono_energy'],
    ...{ num_points: points, num_intervals: points - 1 },
    plan_args: {
      detectors: ["SynSignal(name='i0')", "SynSignal(name='it')"],
      args: ['mono_energy', energies],
    },
    hints: { dimensions: [[['mono_energy'], 'primary']] },
    ...{ element: 'Fe', edge: 'K', sample: `sample-${number % 40}` },
  };
  const described = {
    ...{ uid: descriptor, time: time + 0.5, run_start: run, name: 'primary' },
    data_keys: {
      i0: dataKey('i0'),
      it: dataKey('it'),
      mono_energy: dataKey('mono_energy', 'eV'),
      mono_energy_setpoint: dataKey('mono_energy', 'eV'),
    },
    object_keys: { i0: ['i0'], it: ['it'], mono_energy: ['mono_energy', 'mono_energy_setpoint'] },
    configuration: { i0: configured('i0'), it: configured('it'), mono_energy: configured('mono_energy') },
    hints: { mono_energy: { fields: ['mono_energy'] } },
  };
  const stop = {
    ...{ uid: randomUUID(), time: time + 17, run_start: run, exit_status: 'success', reason: '' },
    num_events: { primary: points },
  };
  return [
    ['start', start],
    ['descriptor', described],
    ...(pages ? pagesOf(events, descriptor) : events.map((event): Doc => ['event', event])),
    ['stop', stop],
  ];
}

/** Events by columns, as `event_model.pack_event_page` packs them. */
function pagesOf(events: readonly Record<string, unknown>[], descriptor: string): Doc[] {
  const columns = (rows: readonly Record<string, unknown>[]): Record<string, unknown> =>
    Object.fromEntries(Object.keys(rows[0]!).map((key) => [key, rows.map((row) => row[key])]));
  return Array.from({ length: Math.ceil(events.length / 7) }, (_, i) => {
    const page = events.slice(7 * i, 7 * i + 7);
    const within = (key: string) => columns(page.map((event) => event[key] as Record<string, unknown>));
    const [data, timestamps] = [within('data'), within('timestamps')];
    return ['event_page', { ...columns(page), descriptor, data, timestamps, filled: {} }];
  });
}

/** One service, from its start until all is published; throws where it is not each scan once. */
async function read(brokers: readonly string[], topic: string, night: Night): Promise<string> {
  const id = randomUUID().slice(0, 8);
  const folder = mkdtempSync(join(tmpdir(), 'bench-bluesky-'));
  const mappingFile = join(folder, 'mapping.json');
  writeFileSync(
    mappingFile,
    JSON.stringify({
      beamline: 'BENCH',
      energy: 'mono_energy',
      i0: 'i0',
      it: 'it',
      element: 'start.element',
    }),
  );
  const topics = {
    TOPIC_SCANS: `bench-scans-${id}`,
    TOPIC_DEAD_LETTERS: `bench-dead-letters-${id}`,
    TOPIC_RUNS: `bench-runs-${id}`,
  };
  const kafka = quietKafkaClient(brokers);
  await createTopics(kafka, Object.values(topics), 4);
  const scans = new Map<string, number>();
  const wrong: string[] = [];
  const reader = kafka.consumer({ groupId: `bench-reader-${id}`, maxWaitTimeInMs: 100 });
  await reader.connect();
  await reader.subscribe({ topics: [topics.TOPIC_SCANS, topics.TOPIC_DEAD_LETTERS], fromBeginning: true });
  await reader.run({
    eachBatch: async ({ batch }) => {
      for (const record of fetchedRecords(batch, 0).records) {
        if (batch.topic === topics.TOPIC_DEAD_LETTERS) {
          wrong.push(`a dead letter: ${decodeDeadLetter(record.value!).detail}`);
          continue;
        }
        const scan = decodeScan(record);
        if (isReject(scan)) {
          wrong.push(`a scan that does not decode: ${scan.detail}`);
          continue;
        }
        if (scans.has(scan.scanId)) wrong.push(`scan ${scan.scanId} came twice`);
        if (scan.energyEv.length !== night.points) wrong.push(`scan ${scan.scanId} is not whole`);
        scans.set(scan.scanId, performance.now());
      }
    },
  });
  const port = await getPort({ host: '127.0.0.1' });
  const child = await startProcess('bluesky', {
    ...typescript('src/bin/bluesky.ts'),
    env: {
      ...topics,
      TOPIC_BLUESKY: topic,
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_GROUP: `bench-${id}`,
      BLUESKY_MAPPING: mappingFile,
      PORT: String(port),
    },
    ready: /"msg":"assembling"/,
    readyTimeoutMs: 600_000,
  });
  try {
    while (!(await hasRead(`http://127.0.0.1:${port}/metrics`))) await systemClock.sleep(20);
    const [startedMs, cpuBefore] = [performance.now(), cpuMs(child.pid)];
    let hasEnded = false;
    void child.exited.then(() => {
      hasEnded = true;
    });
    while (scans.size < night.runs && wrong.length === 0 && !hasEnded) await systemClock.sleep(50);
    if (hasEnded)
      throw new Error(`Expected the service to go on, got its end: ${child.output().slice(-2000)}`);
    const cpu = cpuMs(child.pid) - cpuBefore;
    const memory = peakMemoryMb(child.pid);
    await systemClock.sleep(1000); // what comes twice has come by then
    if (wrong.length > 0) throw new Error(`${wrong.length} wrong, the first: ${wrong[0]}`);
    const seconds = (Math.max(...scans.values()) - startedMs) / 1000;
    return (
      `${(night.runs / seconds).toFixed(1)} runs/s from the first document to the last scan, ${seconds.toFixed(1)} s; ` +
      `${(cpu / night.runs).toFixed(1)} ms of CPU a run, ${memory.toFixed(0)} MB at most`
    );
  } finally {
    await child.stop();
    await reader.disconnect();
    rmSync(folder, { recursive: true });
  }
}

/** Whether the service has read a document. */
async function hasRead(url: string): Promise<boolean> {
  const text = await fetch(url).then(
    (response) => response.text(),
    () => '',
  );
  return /^xanes_bluesky_documents_total\{.*\} [1-9]/m.test(text);
}
