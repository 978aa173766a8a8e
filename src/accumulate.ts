import { Counter } from 'prom-client';
import { accumulateStep } from './accumulate-step.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type Job, startJob } from './job.ts';
import type { JobParts } from './job-flow.ts';
import { createJobMetrics } from './job-metrics.ts';
import type { AccumulationState } from './messages/accumulation.ts';
import { rawScans } from './raw-scans.ts';
import type { Service } from './run-service.ts';
import { decodeAccumulationState, encodeAccumulationState } from './wire/accumulation-codec.ts';

/** Metrics of the job that averages repeats: those of every job, and what became of scans and means. */
export function createAccumulateMetrics() {
  const metrics = createJobMetrics();
  const accumulations = new Counter({
    name: 'xanes_accumulations_total',
    help: 'What brought accumulations on or to their end; not-found: scans that could not be looked up',
    labelNames: ['reason'],
    registers: [metrics.registry],
  });
  return { ...metrics, accumulations };
}

/** Builds the job that averages repeats from its configuration and starts it. */
export function accumulate(
  config: Config,
  clock: Clock,
  onFatal: (error: Error) => void,
  adapt?: (parts: JobParts<AccumulationState>) => JobParts<AccumulationState>,
): Promise<Service> {
  const metrics = createAccumulateMetrics();
  const { TOPIC_SCANS: scansTopic, TOPIC_ACCUMULATIONS: accumulationsTopic } = config;
  const job: Job<AccumulationState> = {
    ...{ name: 'accumulate', metrics, statesTopic: config.TOPIC_ACCUMULATION_STATES },
    topics: [scansTopic, accumulationsTopic],
    codec: { encode: encodeAccumulationState, decode: decodeAccumulationState },
    step: (fetcher) =>
      accumulateStep({
        ...{ scansTopic, accumulationsTopic, most: config.ACCUMULATE_MOST },
        by: config.ACCUMULATE_BY ?? null,
        rawScan: rawScans(fetcher),
        count: (reason) => metrics.accumulations.inc({ reason }),
      }),
  };
  return startJob(job, config, clock, onFatal, adapt);
}
