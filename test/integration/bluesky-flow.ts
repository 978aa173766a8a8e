import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EachBatchHandler } from 'kafkajs';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { fetchedRecords } from '../../src/consumers/fetched-records.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Run } from '../../src/messages/run.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import type { WireDeadLetter } from '../../src/wire/generated.ts';
import { decodeRun } from '../../src/wire/run-codec.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { GRACE_MS } from './flow.ts';
import { startPatientReader } from './patient-reader.ts';

type Env = Readonly<Record<string, string>>;

export type BlueskyFlow = {
  readonly topics: Readonly<
    Record<'TOPIC_BLUESKY' | 'TOPIC_SCANS' | 'TOPIC_DEAD_LETTERS' | 'TOPIC_RUNS', string>
  >;
  /** Of the services. */
  readonly groupId: string;
  /** What a read_committed reader has seen up to now. */
  readonly scans: readonly Scan[];
  readonly runs: readonly Run[];
  readonly deadLetters: readonly WireDeadLetter[];
  /** `npm run bluesky`, or `program` in its place; ready when it says so. */
  start(program?: string, extra?: Env): Promise<RunningProcess>;
  close(): Promise<void>;
};

export type BlueskyFlowOptions = {
  /** As docs/bluesky.md has it. */
  readonly mapping: object;
  readonly partitions: number;
  readonly sessionTimeoutMs: number;
};

/** Ends what would wait for ever; no measure of speed. */
const READY_WITHIN_MS = 600_000;

/** Topics and a reader of their own, around any number of real Bluesky services. */
export async function startBlueskyFlow(
  brokers: readonly string[],
  { mapping, partitions, sessionTimeoutMs }: BlueskyFlowOptions,
): Promise<BlueskyFlow> {
  const folder = mkdtempSync(join(tmpdir(), 'bluesky-'));
  const mappingFile = join(folder, 'mapping.json');
  writeFileSync(mappingFile, JSON.stringify(mapping));
  const id = randomUUID().slice(0, 8);
  const topics = {
    TOPIC_BLUESKY: `documents-${id}`,
    TOPIC_SCANS: `scans-${id}`,
    TOPIC_DEAD_LETTERS: `dead-${id}`,
    TOPIC_RUNS: `runs-${id}`,
  };
  const env = {
    ...topics,
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_GROUP: `bluesky-${id}`,
    BLUESKY_MAPPING: mappingFile,
    KAFKA_SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
    LOG_LEVEL: 'info',
  };
  const kafka = quietKafkaClient(brokers);
  await createTopics(kafka, Object.values(topics), partitions);
  const scans: Scan[] = [];
  const runs: Run[] = [];
  const deadLetters: WireDeadLetter[] = [];
  // The reader's own group is at least once: after a broker's restart it may be handed what it has already read.
  const read = new Set<string>();
  const eachBatch: EachBatchHandler = async ({ batch }) => {
    for (const record of fetchedRecords(batch, 0).records) {
      const place = `${record.topic}/${record.partition}/${record.offset}`;
      if (read.has(place)) continue;
      read.add(place);
      if (record.topic === topics.TOPIC_DEAD_LETTERS) deadLetters.push(decodeDeadLetter(record.value!));
      else if (record.topic === topics.TOPIC_RUNS) runs.push(decodeRun(record.value!));
      else {
        const scan = decodeScan(record);
        if (isReject(scan)) throw new Error(scan.detail);
        scans.push(scan);
      }
    }
  };
  const outputs = [topics.TOPIC_SCANS, topics.TOPIC_DEAD_LETTERS, topics.TOPIC_RUNS];
  const reader = await startPatientReader(kafka, `reader-${id}`, outputs, { eachBatch });
  return {
    topics,
    groupId: `${env.KAFKA_GROUP}-bluesky`,
    scans,
    runs,
    deadLetters,
    start: (program = 'src/bin/bluesky.ts', extra = {}) =>
      startProcess('bluesky', {
        ...typescript(program),
        env: { ...env, ...extra },
        ready: /"msg":"assembling"/,
        readyTimeoutMs: READY_WITHIN_MS,
        graceMs: GRACE_MS,
      }),
    async close() {
      await reader.close();
      rmSync(folder, { recursive: true });
    },
  };
}
