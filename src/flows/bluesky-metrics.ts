import { Counter, Gauge } from 'prom-client';
import { REJECT_REASONS } from '../messages/reject.ts';
import { fromZero, serviceRegistry } from '../runtime/telemetry.ts';

/** Metrics of the Bluesky service; every name is documented by its help text on /metrics. */
export function createBlueskyMetrics() {
  const registry = serviceRegistry();
  const registers = [registry];
  return {
    registry,
    documents: new Counter({
      name: 'xanes_bluesky_documents_total',
      help: 'Documents that were read, again after a restart',
      labelNames: ['kind'],
      registers,
    }),
    scans: new Counter({
      name: 'xanes_bluesky_scans_total',
      help: 'Committed scans',
      labelNames: ['mode'],
      registers,
    }),
    previews: new Counter({
      name: 'xanes_bluesky_previews_total',
      help: 'Committed previews of scans that were still being measured',
      registers,
    }),
    deadLetters: fromZero(
      new Counter({
        name: 'xanes_bluesky_dead_letters_total',
        help: 'Committed dead letters',
        labelNames: ['reason'],
        registers,
      }),
      'reason',
      Object.keys(REJECT_REASONS),
    ),
    runs: new Counter({
      name: 'xanes_bluesky_runs_total',
      help: 'Committed starts and ends of runs',
      labelNames: ['state'],
      registers,
    }),
    openRuns: new Gauge({
      name: 'xanes_bluesky_open_runs',
      help: 'Runs whose stop document has not come',
      registers,
    }),
    unplaced: new Gauge({
      name: 'xanes_bluesky_unplaced_documents',
      help: 'Events whose descriptor has not come',
      registers,
    }),
    waiting: new Gauge({
      name: 'xanes_bluesky_waiting_partitions',
      help: 'Partitions that are not fetched, since another must catch up first: /readyz says which',
      registers,
    }),
    lag: new Gauge({
      name: 'xanes_bluesky_lag_records',
      help: 'Documents between the last committed one and the end of its partition, as of the last fetch or commit',
      labelNames: ['partition'],
      registers,
    }),
    retries: new Counter({
      name: 'xanes_bluesky_retries_total',
      help: 'Times that documents are read again after a broker error',
      registers,
    }),
    lost: new Counter({
      name: 'xanes_bluesky_lost_documents_total',
      help: 'Offsets of documents that were deleted, by retention or by hand, before they were read',
      registers,
    }),
  };
}

export type BlueskyMetrics = ReturnType<typeof createBlueskyMetrics>;
