import { Counter, Gauge } from 'prom-client';
import { serviceRegistry } from '../runtime/telemetry.ts';

/** Metrics that every stream job has; every name is documented by its help text on /metrics. */
export function createJobMetrics() {
  const registry = serviceRegistry();
  const registers = [registry];
  return {
    registry,
    records: new Counter({
      name: 'xanes_job_records_total',
      help: 'Descriptor events that were dealt with and committed',
      registers,
    }),
    undecodable: new Counter({
      name: 'xanes_job_undecodable_total',
      help: 'Records that could not be dealt with and were passed over: the log has the reason',
      registers,
    }),
    lag: new Gauge({
      name: 'xanes_job_lag_records',
      help: 'Descriptor events between the last committed one and the end of its partition, as of the last fetch',
      labelNames: ['partition'],
      registers,
    }),
    fenced: new Counter({
      name: 'xanes_job_fenced_total',
      help: 'Transactions given up because another process took the partition',
      registers,
    }),
    retries: new Counter({
      name: 'xanes_job_retries_total',
      help: 'Batches fetched again after a broker error',
      registers,
    }),
    lost: new Counter({
      name: 'xanes_job_lost_records_total',
      help: 'Descriptor events that the topic lost before they were read, by deletion or retention',
      registers,
    }),
  };
}

export type JobMetrics = ReturnType<typeof createJobMetrics>;
