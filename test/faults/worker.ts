// One processor with a fault put in on purpose. Says on standard output when it stands between a batch's results and
// their commit.
import { systemClock } from '../../src/common/clock.ts';
import type { PipelineParts } from '../../src/pipeline.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { processor } from '../../src/services/processor.ts';
import { brokenPublisher } from './broken-publisher.ts';

const { FAULT_COMMIT_DELAY_MS, FAULT_PREDICT_DELAY_MS, FAULT_LOST } = process.env;
const { READY_WITHIN_MS, METADATA_MAX_AGE_MS } = process.env;
const config = readConfig(process.env);

const delay = async (ms: string | undefined) => {
  if (ms !== undefined) await systemClock.sleep(Number(ms));
};

function adapt(parts: PipelineParts): PipelineParts {
  const { source } = parts;
  const publisher = brokenPublisher(parts.publisher, config, process.env);
  return {
    ...parts,
    source: {
      ...source,
      start: (handlers) =>
        source.start({ ...handlers, ...(FAULT_LOST === 'untold' && { onLost: () => {} }) }),
    },
    publisher: {
      ...publisher,
      async commit(partition, outcomes, next, references) {
        console.log(`before commit of ${outcomes.length}`);
        await delay(FAULT_COMMIT_DELAY_MS);
        return publisher.commit(partition, outcomes, next, references);
      },
    },
  };
}

await runService('worker', (fatal) =>
  processor(config, systemClock, fatal, {
    ...(READY_WITHIN_MS !== undefined && { readyWithinMs: Number(READY_WITHIN_MS) }),
    ...(METADATA_MAX_AGE_MS !== undefined && { metadataMaxAgeMs: Number(METADATA_MAX_AGE_MS) }),
    adapt,
    adaptCompute: (compute) => ({
      ...compute,
      async run(records) {
        await delay(FAULT_PREDICT_DELAY_MS);
        return compute.run(records);
      },
    }),
  }),
);
