import type { Kafka } from 'kafkajs';
import { createProducer } from '../services/kafka-client.ts';
import { announcedRuns } from './announced-runs.ts';
import type { OperandoRun, PublishedScan, ReplayedScan } from './operando-run.ts';

export type Publishing = {
  readonly kafka: Kafka;
  readonly topic: string;
  /** For the start and the end of the run. */
  readonly runsTopic: string;
  readonly run: OperandoRun;
  readonly runId: string;
  readonly scans: number;
  /** Scans a second. */
  readonly rate: number;
  readonly signal?: AbortSignal;
  /** Number of the next scan in the run, where more are measured than are planned [its place in the plan]. */
  readonly nextNumber?: () => number;
  /** Called when the broker has acknowledged the scan. */
  readonly onPublished?: (scan: PublishedScan) => void;
};

/** When the broker was away for a while, what came due leaves in pieces of this size. */
const MAX_SENT_TOGETHER = 256;

/**
 * Publishes a run at its rate. Scan i is due at start + i / rate, whatever the ones before took, so that the pace does
 * not drift; `endedAt` is that moment, so that a delay on our side counts as latency too. Resolves when all scans are
 * acknowledged, or soon after the signal. Rejects when the broker refuses.
 */
export async function publishRun(options: Publishing): Promise<void> {
  const { kafka, topic, runsTopic, run, runId, scans, rate, signal, nextNumber, onPublished } = options;
  const intervalMs = 1000 / rate;
  const producer = createProducer(kafka, { idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const runs = announcedRuns(producer, runsTopic);
  try {
    const startMs = Date.now();
    const dueMs = (sequence: number): number => startMs + sequence * intervalMs;
    let next = 0;
    while (next < scans && !signal?.aborted) {
      await sleepUntil(dueMs(next), signal);
      const due: ReplayedScan[] = [];
      while (next < scans && due.length < MAX_SENT_TOGETHER && dueMs(next) <= Date.now()) {
        const endedAtMs = Math.round(dueMs(next));
        const startedAtMs = Math.round(endedAtMs - intervalMs);
        const number = nextNumber?.() ?? next;
        due.push(run.scanAt(next, { runId, startedAtMs, endedAtMs, number }));
        next++;
      }
      if (due.length === 0) continue;
      for (const { scan } of due) await runs.before(scan);
      const messages = due.map(({ key, value, headers }) => ({ key, value, headers }));
      await producer.send({ topic, acks: -1, messages });
      for (const { known } of due) onPublished?.(known);
    }
    await runs.end(next >= scans);
  } finally {
    await producer.disconnect();
  }
}

/** Comes back at that time, or when the signal aborts. */
export function sleepUntil(atMs: number, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = atMs - Date.now();
  if (waitMs <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal?.addEventListener('abort', done);
  });
}
