import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { systemClock } from '../../src/common/clock.ts';
import type { PartitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { readPartition } from '../../src/consumers/read-partition.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import { createJobTopics } from '../../src/producers/create-topics.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { until } from '../until.ts';
import { type Flow, GRACE_MS } from './flow.ts';

type Env = Readonly<Record<string, string>>;

/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;

export type TestedJob = {
  /** Its group and topics: its own, where none were given. */
  readonly env: Env;
  /** With the faults of test/faults/job-kills.ts. */
  start(faults?: Env): Promise<RunningProcess>;
  /** Starts it for each of these and has it killed, at its second commit: before or after it. */
  killed(when: readonly ('before' | 'after')[], faults?: Env): Promise<void>;
  /** Comes back when the group has read all events that are there. */
  done(): Promise<void>;
};

/** `npm run changes` or `accumulate` over the events of a flow. `env`: its group and topics. */
export async function jobOf(flow: Flow, name: 'changes' | 'accumulate', env: Env): Promise<TestedJob> {
  const environment = topicsOfItsOwn(flow, { ...flow.env, KAFKA_SESSION_TIMEOUT_MS: '1500', ...env });
  await createJobTopics(flow.kafka, readConfig(environment));
  const start: TestedJob['start'] = (faults = {}) =>
    startProcess(name, {
      ...typescript(`test/faults/${name}-worker.ts`),
      env: { ...environment, ...faults },
      ready: /"msg":"working"/,
      readyTimeoutMs: WITHIN_MS,
      graceMs: GRACE_MS,
    });
  return {
    env: environment,
    start,
    async killed(when, faults = {}) {
      for (const each of when) {
        const process = await start({ ...faults, FAULT_KILL_AT: '2', FAULT_KILL_WHEN: each });
        await process.exited;
      }
    },
    async done() {
      const admin = flow.kafka.admin();
      await admin.connect();
      const topic = flow.env.TOPIC_DESCRIPTORS!;
      const group = { groupId: `${environment.KAFKA_GROUP}-${name}`, topics: [topic] };
      await until(async () => {
        const [answer] = await admin.fetchOffsets(group);
        const ends = await admin.fetchTopicOffsets(topic);
        return ends.every(
          ({ partition, high }) =>
            high === '0' || answer?.partitions.find((each) => each.partition === partition)?.offset === high,
        );
      }, WITHIN_MS);
      await admin.disconnect();
    },
  };
}

/** The topics of both jobs are made: under names that nobody else has, where none are given. */
const topicsOfItsOwn = (flow: Flow, env: Env): Env => ({
  ...Object.fromEntries(
    ['TOPIC_CHANGES', 'TOPIC_SAMPLE_WATCHES', 'TOPIC_ACCUMULATIONS', 'TOPIC_ACCUMULATION_STATES'].map(
      (topic) => [topic, `${topic}-${flow.env.KAFKA_GROUP}`],
    ),
  ),
  ...env,
});

/** What a read_committed reader sees of a topic, without the empty records that flow.outcomes() adds. */
export async function recordsOf(fetcher: PartitionFetcher, topic: string): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const partition of await fetcher.partitions(topic))
    await readPartition({
      ...{ fetcher, topic, partition, nowMs: Date.now, sleep: systemClock.sleep },
      onRecords: (some) => void records.push(...some.filter(({ value }) => value!.length > 0)),
      withinMs: WITHIN_MS, // a job that was killed in a transaction leaves it open until the next one has claimed
    });
  return records;
}
