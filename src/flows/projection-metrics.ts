import { Counter, Gauge, Histogram } from 'prom-client';
import { fromZero, serviceRegistry } from '../runtime/telemetry.ts';

/** The projection's metrics; every name is documented by its help text on /metrics. */
export function createProjectionMetrics(topics: readonly string[]) {
  const registry = serviceRegistry();
  const registers = [registry];
  return {
    registry,
    records: new Counter({
      name: 'xanes_projection_records_total',
      help: 'Records written to Redis, again after a rebuild',
      labelNames: ['topic'],
      registers,
    }),
    undecodable: fromZero(
      new Counter({
        name: 'xanes_projection_undecodable_total',
        help: 'Records that did not decode and were passed over',
        labelNames: ['topic'],
        registers,
      }),
      'topic',
      topics,
    ),
    restarts: new Counter({
      name: 'xanes_projection_restarts_total',
      help: 'Times that a partition was read again from where Redis stood, such as after FLUSHALL',
      registers,
    }),
    redisFailures: new Counter({
      name: 'xanes_projection_redis_failures_total',
      help: 'Calls to Redis that failed and were repeated',
      registers,
    }),
    lag: new Gauge({
      name: 'xanes_projection_lag_records',
      help: 'Committed records behind the projection',
      registers,
    }),
    latency: new Histogram({
      name: 'xanes_projection_latency_seconds',
      help: 'From the publishing of descriptors to Redis',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
      registers,
    }),
  };
}

export type ProjectionMetrics = ReturnType<typeof createProjectionMetrics>;
