// npm run demo: everything on one machine, fed with a replayed experiment.

import { join } from 'node:path';
import getPort from 'get-port';
import { readFlags } from '../src/cli/parse-flags.ts';
import {
  createAnnotationsTopic,
  createFlowTopics,
  createJobTopics,
  createRequestTopics,
  createTopics,
} from '../src/producers/create-topics.ts';
import { publishStandards } from '../src/producers/publish-standards.ts';
import { readConfig } from '../src/runtime/config.ts';
import { startBeamline } from './beamline.ts';
import { type Measuring, measureRun } from './bluesky/measure-run.ts';
import { startRunEngine } from './bluesky/run-engine.ts';
import { readOutcomes } from './read-outcomes.ts';
import { readCathodeSeries } from './replay/cathode-series.ts';
import { knownCells } from './replay/known-cells.ts';
import { type OperandoRun, operandoRun } from './replay/operando-run.ts';
import { publishRun } from './replay/publish-run.ts';
import { numberFlag, REPLAY_FLAGS, type ReplayOptions, readReplayOptions } from './replay/replay-options.ts';
import { newRunId } from './replay/run-id.ts';
import { quietKafkaClient } from './services/kafka-client.ts';
import { describeExit, type RunningProcess, startProcess, typescript } from './services/start-process.ts';
import { startServices } from './services/start-services.ts';
import { isKept, progressLine, summary } from './summary.ts';
import { makeTally, type Tally } from './tally.ts';

const HELP = `npm run demo -- FLAGS: Kafka, Redis, processor, projection and dashboard, fed with a replayed experiment.
Ctrl-C stops everything. KAFKA_BROKERS and REDIS_URL: use these instead of starting our own.

Its beamline also measures scans that are asked for, and an agent asks for some while the beam is bad: the page shows it
under Requests; not with --source bluesky. It has measured two cells whose charge is known, between which oxidation
states are read. None of this on a Kafka that is not its own, where there may be others to ask.

${REPLAY_FLAGS}
  --processors N processors side by side [1]
  --source KIND  scans: the replay publishes scans; bluesky: a real Bluesky RunEngine measures them with simulated
                 devices, and its documents become scans [scans]
  --agent WHO    lab: the example agent of clients/typescript; none, such as to start your own [lab]
  --standards WHAT  cells: the two cells whose charge is known; none: theory alone [cells]
  --port N       of the dashboard [8080, or a free one when that is taken]

With --once it ends with tables of verdicts and of the mean oxidation state that was read, with its interval, against
the true one, and with exit code 1 unless every scan came out exactly once.`;

const UNFINISHED_AFTER_MS = 30_000;
const PROGRESS_EVERY_MS = process.stdout.isTTY ? 500 : 5000;
const FAVOURITE_PORT = 8080;
const BLUESKY_MAPPING = join(import.meta.dirname, 'bluesky/mapping.json');
const AGENT = 'clients/typescript/examples/lab-agent.ts';
/** What the dashboard logs once it listens. */
const SERVES = /"url":"(http[^"]+)"/;
const INTERRUPTED = 130;
const SOURCES = ['scans', 'bluesky'] as const;
const AGENTS = ['lab', 'none'] as const;
const STANDARDS = ['cells', 'none'] as const;

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 1;
});

async function main(args: readonly string[]): Promise<number> {
  const { options, processorCount, favouritePort, source, agent, standards } = readFlags(() => {
    const options = readReplayOptions(args, {
      processors: '1',
      port: `${FAVOURITE_PORT}`,
      source: 'scans',
      agent: 'lab',
      standards: 'cells',
    });
    const natural = { integer: true, above: 0 };
    const processorCount = numberFlag('processors', options.own.processors, natural);
    const source = oneOf('source', SOURCES, options.own.source);
    const agent = oneOf('agent', AGENTS, options.own.agent);
    const standards = oneOf('standards', STANDARDS, options.own.standards);
    const favouritePort = numberFlag('port', options.own.port, natural);
    return { options, processorCount, source, agent, standards, favouritePort };
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }

  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  // What was started last is stopped first, however far we came.
  const stops: (() => Promise<unknown>)[] = [];
  const stopDownTo = async (kept: number): Promise<void> => {
    while (stops.length > kept) await stops.pop()?.();
  };
  try {
    console.log('Starting Kafka and Redis …');
    const services = await startServices();
    stops.push(services.close);
    interrupt.signal.throwIfAborted();
    const { brokers, redisUrl } = services;
    const env = { KAFKA_BROKERS: brokers.join(','), REDIS_URL: redisUrl };
    const config = readConfig({ ...process.env, ...env });
    const kafka = quietKafkaClient(brokers);
    await createFlowTopics(kafka, config, config.TOPIC_PARTITIONS);
    await createRequestTopics(kafka, config, config.TOPIC_PARTITIONS);
    await createJobTopics(kafka, config);
    await createAnnotationsTopic(kafka, config, config.TOPIC_PARTITIONS);
    const series = readCathodeSeries();
    if (services.isOurKafka && standards === 'cells')
      await publishStandards(kafka, config.TOPIC_STANDARDS, knownCells(options.seed, series));

    console.log('Starting projection, dashboard and processor …');
    const runIds = new Set<string>();
    const tally = makeTally(runIds);
    const reader = await readOutcomes({
      brokers,
      descriptorsTopic: config.TOPIC_DESCRIPTORS,
      deadLettersTopic: config.TOPIC_DEAD_LETTERS,
      onSeen: tally.seen,
    });
    stops.push(reader.close);
    const keep = async (starting: Promise<RunningProcess>): Promise<RunningProcess> => {
      const child = await starting;
      stops.push(child.stop);
      interrupt.signal.throwIfAborted();
      return child;
    };
    const componentEnv = { ...env, HOST: config.HOST };
    const children = [await keep(startComponent('projection', 'src/bin/projection.ts', componentEnv))];
    const dashboard = await keep(startDashboard(favouritePort, componentEnv));
    children.push(dashboard);
    children.push(await keep(startComponent('changes', 'src/bin/changes.ts', componentEnv)));
    const beforeProcessors = stops.length;
    for (let i = 1; i <= processorCount; i++) {
      children.push(await keep(startComponent(`processor ${i}`, 'src/bin/processor.ts', componentEnv)));
    }

    const { TOPIC_SCANS: topic, TOPIC_RUNS: runsTopic } = config;
    const run = operandoRun(options, series);
    let publish: PublishRun = (planned) => publishRun({ ...planned, kafka, topic, runsTopic });
    if (source === 'bluesky') {
      const topic = config.TOPIC_BLUESKY;
      await createTopics(kafka, [topic], config.TOPIC_PARTITIONS);
      const blueskyEnv = { BLUESKY_MAPPING, ...componentEnv };
      children.push(await keep(startComponent('bluesky', 'src/bin/bluesky.ts', blueskyEnv)));
      const engine = await startRunEngine({ brokers, topic, say: console.log });
      stops.push(engine.close);
      publish = (planned) => measureRun({ ...planned, engine });
    }
    const failures: Promise<never>[] = [];
    const isAnswered = source === 'scans' && services.isOurKafka;
    if (isAnswered) {
      const { TOPIC_DESCRIPTORS: descriptors } = config;
      const { TOPIC_REQUESTS: requests, TOPIC_ACKNOWLEDGEMENTS: acknowledgements } = config;
      const topics = { scans: topic, descriptors, requests, acknowledgements };
      const scanMs = (1000 * options.samples) / options.rate;
      const beamline = await startBeamline({ brokers, kafka, topics, run, scanMs });
      stops.push(beamline.close);
      failures.push(beamline.failed);
      publish = (planned) => publishRun({ ...beamline.measures(planned), kafka, topic, runsTopic });
      const flags = [...agentFlags(env.KAFKA_BROKERS), '--topics', JSON.stringify(topics)];
      if (agent === 'lab') children.push(await keep(startProcess('agent', typescript(AGENT, flags))));
    }
    failures.push(firstToEnd(children));

    console.log(`\nDashboard: ${SERVES.exec(dashboard.output())?.[1]}    Ctrl-C stops everything`);
    console.log(`Kafka: ${env.KAFKA_BROKERS}    Redis: ${redisUrl}`);
    if (isAnswered && agent === 'lab')
      console.log('An agent asks for more scans while the beam is bad: see Requests on the page');
    else console.log(`An agent beside it: npm run agent -- ${agentFlags(env.KAFKA_BROKERS).join(' ')}`);
    console.log();
    const progress = showProgress(tally);
    stops.push(async () => progress.end());
    await Promise.race([replay(options, run, tally, runIds, publish, interrupt.signal), ...failures]);
    if (!options.once || interrupt.signal.aborted) return INTERRUPTED;

    await Promise.race([untilDone(tally, interrupt.signal), ...failures]);
    // Once the processors are gone nothing more is committed: what has been seen by then is all there is.
    await stopDownTo(beforeProcessors);
    await reader.catchUp();
    console.log(`\n${summary(tally)}`);
    return isKept(tally.breaches()) ? 0 : 1;
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    await stopDownTo(0);
  }
}

/** What is replayed goes on: a goal beyond all cells, so that nobody asks to stop it. */
function agentFlags(brokers: string): readonly string[] {
  return ['--brokers', brokers, '--replay', '--stop-at', '4.5'];
}

function oneOf<Word extends string>(flag: string, words: readonly Word[], given: string): Word {
  const word = words.find((each) => each === given);
  if (word !== undefined) return word;
  throw new Error(`Expected --${flag} to be ${words.join(' or ')}, got ${given}`);
}

type ComponentEnv = Readonly<Record<string, string>> & { readonly HOST: string };

async function startComponent(name: string, file: string, env: ComponentEnv): Promise<RunningProcess> {
  const port = await getPort();
  return startProcess(name, {
    ...typescript(file),
    env: { ...env, PORT: `${port}`, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    ready: async () => (await fetch(`http://${env.HOST}:${port}/readyz`)).ok,
  });
}

/**
 * On the favourite port unless somebody has it. The server itself tries: of two demos that begin together both would
 * find the port free, and an answer from it may be the other's.
 */
function startDashboard(favouritePort: number, env: ComponentEnv): Promise<RunningProcess> {
  const start = (port: number) =>
    startProcess('dashboard', {
      ...typescript('dashboard/server/main.ts', ['--insecure']), // HOST may be any: it is a demonstration
      env: { ...env, PORT: `${port}`, LOG_LEVEL: 'info' },
      ready: SERVES,
    });
  return start(favouritePort).catch(() => start(0));
}

/** Rejects when one of them ends; they are not meant to. */
async function firstToEnd(children: readonly RunningProcess[]): Promise<never> {
  const { child, exit } = await Promise.race(
    children.map(async (child) => ({ child, exit: await child.exited })),
  );
  throw new Error(
    `The ${child.name} ${describeExit(exit)}. Its last output:\n${child.output().slice(-4000)}`,
  );
}

/** Has a run published, by the replay or by a RunEngine. */
type PublishRun = (run: Omit<Measuring, 'engine'>) => Promise<void>;

async function replay(
  options: ReplayOptions,
  run: OperandoRun,
  tally: Tally,
  runIds: Set<string>,
  publish: PublishRun,
  signal: AbortSignal,
): Promise<void> {
  do {
    const runId = newRunId(options.seed);
    runIds.add(runId);
    await publish({ ...options, run, runId, signal, onPublished: tally.published });
    if (!options.once) tally.forget();
  } while (!options.once && !signal.aborted);
}

/** Every scan has an outcome, or nothing has happened for a while. */
async function untilDone(tally: Tally, signal: AbortSignal): Promise<void> {
  let lag = tally.counts().lag;
  let changedAtMs = Date.now();
  while (lag > 0 && Date.now() - changedAtMs < UNFINISHED_AFTER_MS && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = tally.counts().lag;
    if (now !== lag) changedAtMs = Date.now();
    lag = now;
  }
}

/** On a terminal one line that changes, else a line now and then. */
function showProgress(tally: Tally): { end(): void } {
  const { stdout } = process;
  const show = (): void => {
    const line = progressLine(tally.counts());
    stdout.write(stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, PROGRESS_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      show();
      if (stdout.isTTY) stdout.write('\n');
    },
  };
}
