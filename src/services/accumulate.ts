import { Counter } from 'prom-client';
import type { Clock } from '../common/clock.ts';
import { accumulateStep } from '../flows/accumulate-step.ts';
import type { JobParts } from '../flows/job-flow.ts';
import { createJobMetrics } from '../flows/job-metrics.ts';
import { rawScans } from '../flows/raw-scans.ts';
import { recordedScans } from '../flows/recorded-scans.ts';
import { registryOf } from '../knowledge/follow-schemas.ts';
import { ACCUMULATION_REASONS, type AccumulationState } from '../messages/accumulation.ts';
import type { Config } from '../runtime/config.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { createLogger, fromZero } from '../runtime/telemetry.ts';
import { decodeAccumulationState, encodeAccumulationState } from '../wire/accumulation-codec.ts';
import { type Job, startJob } from './job.ts';

/** Metrics of the job that averages repeats: those of every job, and what became of scans and means. */
export function createAccumulateMetrics() {
  const metrics = createJobMetrics();
  const accumulations = fromZero(
    new Counter({
      name: 'xanes_accumulations_total',
      help: 'What brought accumulations on or to their end; not-found: scans that could not be looked up',
      labelNames: ['reason'],
      registers: [metrics.registry],
    }),
    'reason',
    [...Object.keys(ACCUMULATION_REASONS), 'not-found'],
  );
  return { ...metrics, accumulations };
}

/** Builds the job that averages repeats from its configuration and starts it. */
export async function accumulate(
  config: Config,
  clock: Clock,
  runner: Runner,
  adapt?: (parts: JobParts<AccumulationState>) => JobParts<AccumulationState>,
): Promise<Service> {
  const metrics = createAccumulateMetrics();
  const recorded = recordedScans({
    ...{ registry: registryOf(config), waitMs: config.SCHEMA_REGISTRY_WAIT_MS, clock },
    logger: createLogger('accumulate', config.LOG_LEVEL),
  });
  const { TOPIC_SCANS: scansTopic, TOPIC_ACCUMULATIONS: accumulationsTopic } = config;
  const job: Job<AccumulationState> = {
    ...{ name: 'accumulate', metrics, statesTopic: config.TOPIC_ACCUMULATION_STATES },
    topics: [scansTopic, accumulationsTopic],
    codec: { encode: encodeAccumulationState, decode: decodeAccumulationState },
    step(fetcher) {
      const scansAt = rawScans(fetcher, recorded);
      return accumulateStep({
        ...{ scansTopic, accumulationsTopic, most: config.ACCUMULATE_MOST },
        ...{ until: config.ACCUMULATE_UNTIL, by: config.ACCUMULATE_BY ?? null },
        rawScan: async (source, scanId) =>
          (await scansAt(source)).find((scan) => scan.scanId === scanId) ?? null,
        count: (reason) => metrics.accumulations.inc({ reason }),
      });
    },
  };
  const service = await startJob(job, config, clock, runner, adapt);
  return {
    async close() {
      await service.close();
      recorded.close();
    },
  };
}
