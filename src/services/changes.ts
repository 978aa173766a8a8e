import { Counter } from 'prom-client';
import { sizeOfChange } from '../change-points/size-of-change.ts';
import { type LeastChanges, watchSample } from '../change-points/watch-sample.ts';
import type { Clock } from '../common/clock.ts';
import type { JobParts, JobStep } from '../flows/job-flow.ts';
import { createJobMetrics } from '../flows/job-metrics.ts';
import { CHANGE_KINDS, QUANTITIES } from '../messages/change-point.ts';
import type { SampleWatch } from '../messages/sample-watch.ts';
import type { Config } from '../runtime/config.ts';
import type { Runner, Service } from '../runtime/run-service.ts';
import { encodeChangePoint } from '../wire/change-point-codec.ts';
import { decodeDescriptors } from '../wire/descriptors-codec.ts';
import { runKeyOf } from '../wire/run-reference-codec.ts';
import { decodeSampleWatch, encodeSampleWatch } from '../wire/sample-watch-codec.ts';
import { startJob } from './job.ts';

/** Metrics of the job that finds changes: those of every job, and the changes. */
export function createChangesMetrics() {
  const metrics = createJobMetrics();
  const changes = new Counter({
    name: 'xanes_changes_total',
    help: 'Committed changes',
    labelNames: ['quantity', 'kind'],
    registers: [metrics.registry],
  });
  for (const quantity of QUANTITIES) for (const kind of CHANGE_KINDS) changes.inc({ quantity, kind }, 0);
  return { ...metrics, changes };
}

/** Builds the job that finds changes of samples from its configuration and starts it. */
export function changes(
  config: Config,
  clock: Clock,
  runner: Runner,
  adapt?: (parts: JobParts<SampleWatch>) => JobParts<SampleWatch>,
): Promise<Service> {
  const metrics = createChangesMetrics();
  const least: LeastChanges = {
    MEAN_OXIDATION_STATE: config.CHANGE_LEAST_STATE,
    SPECTRUM: config.CHANGE_LEAST_SPECTRUM,
  };
  const job = {
    ...{ name: 'changes', metrics, statesTopic: config.TOPIC_SAMPLE_WATCHES },
    topics: [config.TOPIC_CHANGES],
    codec: { encode: encodeSampleWatch, decode: decodeSampleWatch },
    step: () => changesStep(config.TOPIC_CHANGES, least, (labels) => metrics.changes.inc(labels)),
  };
  return startJob(job, config, clock, runner, adapt);
}

/** A descriptor event moves the watch of its sample on, and may find changes of it. */
export function changesStep(
  topic: string,
  least: LeastChanges,
  count: (labels: { readonly quantity: string; readonly kind: string }) => void,
): JobStep<SampleWatch> {
  return async (record, stateOf) => {
    // Whoever tests a topic may have put something else there.
    if (record.value === null || record.value.length === 0) return null;
    const event = decodeDescriptors(record.value, record.headers);
    if (event.members.length > 0) return null; // a mean of scans that were watched themselves
    if (event.partialOf !== null) return null; // the whole will be watched
    const key = runKeyOf(event);
    const { watch, found } = watchSample(stateOf(key), event, least);
    const publish = found.map(({ quantity, finding }) => {
      const size = sizeOfChange(quantity, finding, event);
      return { topic, message: encodeChangePoint(quantity, finding, size, event, record) };
    });
    const onCommitted = () => {
      for (const { quantity, finding } of found) count({ quantity, kind: finding.kind });
    };
    return { key, state: watch, publish, onCommitted };
  };
}
