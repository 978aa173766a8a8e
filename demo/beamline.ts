import { connect, type Received } from '@xanes-stream/client';
import type { Kafka } from 'kafkajs';
import { type OperandoRun, type PublishedScan, REPLAY_BEAMLINE } from './replay/operando-run.ts';
import { type Publishing, sleepUntil } from './replay/publish-run.ts';
import { createProducer } from './services/kafka-client.ts';

export type Beamline = {
  /** From now on this run is measured; to be published as it is given back, which leaves room for what is asked for. */
  measures<Planned extends PlannedRun>(planned: Planned): Planned & Pick<Publishing, 'nextNumber'>;
  /** Rejects when it can answer no more. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
};

type PlannedRun = Pick<Publishing, 'runId' | 'scans'> & Required<Pick<Publishing, 'onPublished'>>;

export type BeamlineOptions = {
  readonly brokers: readonly string[];
  readonly kafka: Kafka;
  readonly topics: Readonly<Record<'scans' | 'requests' | 'acknowledgements', string>>;
  readonly run: OperandoRun;
  /** What a scan takes that was asked for. */
  readonly scanMs: number;
};

const MOST_SCANS = 20;

/**
 * The replay's side of the loop: measures more scans of a cell as it stands, beside those that are planned, one request
 * after the other. All else it refuses, such as a stop: what is replayed goes on. The demo's tables are of the planned.
 */
export async function startBeamline(options: BeamlineOptions): Promise<Beamline> {
  const { brokers, kafka, topics, run, scanMs } = options;
  const client = await connect({ brokers, topics, name: 'replay-beamline' });
  const producer = createProducer(kafka);
  await producer.connect();
  const closing = new AbortController();
  const newest = new Map<string, PublishedScan>(); // by sample, of the run that is measured
  let runId = '';
  let numbers = 0;
  let repeats = 0;

  /** The cell as it stands; undefined: it is not in the beam. */
  const cellOf = ({ request }: Received): PublishedScan | undefined =>
    request.runId === runId ? newest.get(request.sampleId ?? '') : undefined;

  async function answer(received: Received): Promise<void> {
    const { kind, scans } = received.request;
    const wanted = kind === 'more-scans' ? (scans ?? 1) : 1;
    if (cellOf(received) === undefined)
      return received.refuse('not-possible', 'This run or this sample is not in the beam');
    if (wanted > MOST_SCANS)
      return received.refuse('not-possible', `Expected at most ${MOST_SCANS} scans, got ${wanted}`);
    await received.accept();
    const scanIds: string[] = [];
    while (scanIds.length < wanted) {
      const startedAtMs = Date.now();
      await sleepUntil(startedAtMs + scanMs, closing.signal);
      const cell = cellOf(received);
      if (closing.signal.aborted || cell === undefined) return received.fail('The run ended before');
      const at = { runId, startedAtMs, endedAtMs: Date.now(), number: numbers++, repeat: repeats++ };
      const { scan, key, value, headers } = run.scanAt(cell.sequence, at);
      await producer.send({ topic: topics.scans, acks: -1, messages: [{ key, value, headers }] });
      scanIds.push(scan.scanId);
    }
    await received.done({ scanIds });
  }

  let busy = Promise.resolve();
  async function answerAll(): Promise<void> {
    const kinds = ['more-scans', 'rescan'] as const;
    for await (const received of client.requests({ beamline: REPLAY_BEAMLINE, kinds, replay: true })) {
      busy = answer(received);
      await busy;
    }
  }
  const answering = answerAll();
  const failed = answering.then(() => new Promise<never>(() => {}));
  failed.catch(() => {}); // whoever is there to hear it is told

  return {
    measures(planned) {
      runId = planned.runId;
      numbers = 0;
      newest.clear();
      return {
        ...planned,
        nextNumber: () => numbers++,
        onPublished(scan) {
          if (scan.sequence < planned.scans - 1) newest.set(scan.sampleId, scan);
          else newest.clear(); // with it the run ends
          planned.onPublished(scan);
        },
      };
    },
    failed,
    async close() {
      closing.abort();
      await busy.catch(() => {});
      await client.close();
      await answering.catch(() => {});
      await producer.disconnect();
    },
  };
}
