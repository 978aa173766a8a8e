import type { Kafka } from 'kafkajs';
import type { FileScan } from '../../src/files/scan-files.ts';
import { isReject } from '../../src/messages/reject.ts';
import { NOTE_KEY, type Origin, type Scan } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { createProducer } from '../services/kafka-client.ts';
import { announcedRuns } from './announced-runs.ts';
import { sleepUntil } from './publish-run.ts';
import type { Random } from './random.ts';

export type FilePublishing = {
  readonly kafka: Kafka;
  readonly topic: string;
  /** For starts and ends of the runs. */
  readonly runsTopic: string;
  readonly scans: AsyncIterable<FileScan> | Iterable<FileScan>;
  /** Whether a scan could be read; of the signals of a measurement the first that can is published. */
  readonly isReadable: (scan: Scan) => boolean;
  readonly runId: string;
  readonly rate: number;
  readonly jitter: number;
  readonly chance: Random;
  readonly origin: Origin;
  readonly signal?: AbortSignal;
  /** A file, or a part of one, that is no scan. */
  readonly onRefused: (sentence: string) => void;
};

/**
 * Publishes scans of files as a beamline would: scan i is due at start + i / rate, early or late by the jitter, and
 * ends at that moment; the interval before is its measurement. Resolves to how many were acknowledged.
 */
export async function publishFiles(options: FilePublishing): Promise<number> {
  const { kafka, topic, runsTopic, scans, runId, rate, jitter, chance, signal, onRefused } = options;
  const intervalMs = 1000 / rate;
  const producer = createProducer(kafka, { idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const runs = announcedRuns(producer, runsTopic);
  try {
    const startMs = Date.now();
    let published = 0;
    for await (const file of scans) {
      if (signal?.aborted) break;
      if (isReject(file.scan)) {
        onRefused(file.scan.detail);
        continue;
      }
      const dueMs = startMs + (published + jitter * (chance.uniform() - 0.5)) * intervalMs;
      await sleepUntil(dueMs, signal);
      if (signal?.aborted) break;
      const endedAtMs = Math.round(Math.max(startMs, dueMs));
      const times = { startedAtMs: Math.round(endedAtMs - intervalMs), endedAtMs };
      const scan = { ...replayed(file, options), scanId: `${runId}-${String(published).padStart(6, '0')}` };
      await runs.before({ ...scan, ...times });
      const record = encodeScan({ ...scan, ...times, sequence: published });
      await producer.send({ topic, acks: -1, messages: [{ key: scan.sampleId, ...record }] });
      published += 1;
    }
    await runs.end(!signal?.aborted);
    return published;
  } finally {
    await producer.disconnect();
  }
}

/** What is known of the measurement stays with it: the file, what was mended in reading it, its own metadata. */
function replayed({ file, id, run, scan, candidates, notes }: FileScan, options: FilePublishing): Scan {
  const { isReadable, runId, origin } = options;
  const chosen = candidates.find(isReadable) ?? (scan as Scan);
  const told = [chosen.metadata[NOTE_KEY], ...notes].filter((note) => note !== undefined);
  return {
    ...chosen,
    runId: run === undefined ? runId : `${runId}-${run}`,
    beamline: chosen.beamline || 'REPLAY',
    origin,
    metadata: {
      ...chosen.metadata,
      'replay.file': file,
      ...(id !== undefined && { 'replay.id': id }),
      ...(told.length > 0 && { [NOTE_KEY]: told.join('; ') }),
    },
  };
}
