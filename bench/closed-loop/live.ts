import { type Client, connect, type Descriptors, type Received } from '@xanes-stream/client';
import type { Kafka } from 'kafkajs';
import { decisions } from '../../clients/typescript/examples/decide.ts';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { createFlowTopics, createJobTopics, createRequestTopics } from '../../src/producers/create-topics.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { cells, GOALS, type Measured, pointsOf, type Sample } from './certainty.ts';

const AGENT = 'clients/typescript/examples/lab-agent.ts';
const AGENT_NAME = 'closed-loop-agent';

/** What a measurement over a real broker has: a beamline's client, and its stream's own topics. */
export type Live = { readonly xanes: Client; readonly standardsTopic: string; readonly kafka: Kafka };

/**
 * Samples that are measured over a real broker: processor, accumulation and agent are processes of their own, the
 * beamline is here and does what it is asked. Its end is known by the agent's own decisions, taken here once more: each
 * request that follows from the events must have been asked by the agent, and be done.
 */
export const measuredLive = (
  brokers: readonly string[],
  prefix: string,
  samples: number,
): Promise<readonly Measured[]> =>
  overBroker(
    brokers,
    prefix,
    ['--from-beginning', '--accumulated', '--more', String(GOALS.more), '--stop-at', String(GOALS.stopAt)],
    async () => {},
    ({ xanes }) => measure(xanes, samples),
  );

/**
 * Runs processor, accumulation and agent on topics of their own while `measure` does.
 * @param goals options of the agent
 * @param prepare what must be there before the processor starts
 */
export async function overBroker<Result>(
  brokers: readonly string[],
  prefix: string,
  goals: readonly string[],
  prepare: (live: Live) => Promise<void>,
  measure: (live: Live) => Promise<Result>,
): Promise<Result> {
  const env = envOf(brokers, prefix);
  const config = readConfig(env);
  const kafka = quietKafkaClient(brokers);
  await createFlowTopics(kafka, config, 2);
  await createRequestTopics(kafka, config, 2);
  await createJobTopics(kafka, config);
  const topics = {
    ...{
      scans: config.TOPIC_SCANS,
      descriptors: config.TOPIC_DESCRIPTORS,
      deadLetters: config.TOPIC_DEAD_LETTERS,
    },
    ...{
      runs: config.TOPIC_RUNS,
      requests: config.TOPIC_REQUESTS,
      acknowledgements: config.TOPIC_ACKNOWLEDGEMENTS,
    },
  };
  const processes: RunningProcess[] = [];
  const start = async (name: string, file: string, args: readonly string[], ready: RegExp) => {
    processes.push(
      await startProcess(name, { ...typescript(file, args), env, ready, readyTimeoutMs: READY_WITHIN_MS }),
    );
  };
  const xanes = await connect({ brokers, name: `${prefix}-beamline`, topics });
  const live = { xanes, standardsTopic: config.TOPIC_STANDARDS, kafka };
  try {
    await prepare(live);
    await start('processor', 'src/bin/processor.ts', [], /"msg":"processing"/);
    await start('accumulate', 'src/bin/accumulate.ts', [], /"msg":"working"/);
    const own = ['--brokers', brokers.join(), '--name', AGENT_NAME, '--topics', JSON.stringify(topics)];
    await start('agent', AGENT, [...own, '--replay', ...goals], /reads descriptors/);
    return await measure(live);
  } finally {
    await xanes.close();
    await Promise.all(processes.map((each) => each.stop()));
  }
}

/** Ends what would wait for ever; no measure of speed. */
const READY_WITHIN_MS = 240_000;

const envOf = (brokers: readonly string[], prefix: string): Record<string, string> => {
  const named = (...names: string[]) =>
    Object.fromEntries(
      names.map((name) => [`TOPIC_${name}`, `${prefix}-${name.toLowerCase().replaceAll('_', '-')}`]),
    );
  return {
    ...named('SCANS', 'DESCRIPTORS', 'DEAD_LETTERS', 'STANDARDS', 'RUN_REFERENCES', 'RUNS', 'REQUESTS'),
    ...named('ACKNOWLEDGEMENTS', 'CHANGES', 'SAMPLE_WATCHES', 'ACCUMULATIONS', 'ACCUMULATION_STATES'),
    ...{ KAFKA_BROKERS: brokers.join(), KAFKA_GROUP: prefix, LOG_LEVEL: 'info' },
  };
};

type Taken = { readonly scans: Scan[]; readonly repeats: Repeats; right: boolean | null };

async function measure(xanes: Client, samples: number): Promise<readonly Measured[]> {
  const wheel = cells(samples);
  const taken = new Map<string, Taken>(
    wheel.map(({ runId }) => [runId, { scans: [], repeats: followRepeats(), right: null }]),
  );
  const measureOne = async ({ runId, scanAt }: Sample): Promise<string> => {
    const { scans } = taken.get(runId)!;
    const { startedAtMs, endedAtMs, ...scan } = scanAt(scans.length);
    scans.push({ startedAtMs, endedAtMs, ...scan });
    await xanes.publishScan({ ...scan, startedAt: startedAtMs, endedAt: endedAtMs });
    return scan.scanId;
  };
  const sampleOf = (runId: string) => wheel.find((each) => each.runId === runId)!;
  for (const sample of wheel) await measureOne(sample);

  const ending = new AbortController();
  const due = new Set<string>(); // requests that follow from the events and are not done yet
  const done = new Set<string>();
  const endWhenSettled = () => {
    for (const id of done) due.delete(id);
    const isSettled = ({ scans, repeats }: Taken) => repeats.seen() === scans.length && !repeats.awaitsMean();
    if (due.size === 0 && [...taken.values()].every(isSettled)) ending.abort();
  };
  const serving = (async () => {
    const asked = { beamline: 'bench', kinds: ['more-scans'], replay: true, signal: ending.signal } as const;
    for await (const received of xanes.requests(asked)) {
      await serve(received, (runId) => measureOne(sampleOf(runId)));
      done.add(received.request.requestId);
      endWhenSettled();
    }
  })();
  const decide = decisions(GOALS);
  const all = { from: 'beginning', replay: true, signal: ending.signal } as const;
  for await (const event of xanes.descriptors(all)) {
    const mine = taken.get(event.runId)!;
    mine.right = sampleOf(event.runId).rightOf(event) ?? mine.right;
    const asks = decide(event);
    for (const { kind } of asks) due.add(`${AGENT_NAME}/${kind}/${event.scanId}`);
    mine.repeats.see(event);
    endWhenSettled();
  }
  await serving;
  return [...taken.values()].map(({ scans, right }) => ({
    ...{ scans: scans.length, points: pointsOf(scans), right },
  }));
}

type Repeats = {
  readonly see: (event: Descriptors) => void;
  /** Scans, not means of them. */
  readonly seen: () => number;
  readonly awaitsMean: () => boolean;
};

/**
 * Follows what accumulation makes of one run's events (src/flows/accumulate-step.ts): no event says that a mean is to
 * come.
 */
function followRepeats(): Repeats {
  let scans = 0;
  let open: readonly string[] = []; // scans that are accumulated
  let largestMean = 0;
  const end = () => {
    open = [];
    largestMean = 0;
  };
  return {
    seen: () => scans,
    awaitsMean: () => open.length > 1 && largestMean < open.length,
    see: ({ scanId, members, advice }) => {
      if (members.length === 0) {
        scans += 1;
        if (open.length > 0 && advice === 'ACCEPT') end();
        else if (open.length > 0 || advice === 'ACCUMULATE') open = [...open, scanId];
      } else if (members[0] === open[0]) {
        largestMean = Math.max(largestMean, members.length);
        if (advice === 'ACCEPT' || (advice !== 'ACCUMULATE' && members.length === open.length)) end();
      }
    },
  };
}

async function serve(received: Received, measureOne: (runId: string) => Promise<string>): Promise<void> {
  const { request } = received;
  if (request.kind !== 'more-scans' || request.runId === null)
    return received.refuse('not-possible', 'Expected more scans of a run');
  await received.accept();
  const scanIds: string[] = [];
  for (let i = 0; i < request.scans; i += 1) scanIds.push(await measureOne(request.runId));
  await received.done({ scanIds });
}
