// One processor with a fault put in on purpose. Says on standard output when it stands between a batch's results and
// their commit: there it stays for FAULT_COMMIT_DELAY_MS, and for as long as there is a file FAULT_COMMIT_HOLD.
import { existsSync } from 'node:fs';
import { systemClock } from '../../src/common/clock.ts';
import type { PipelineParts } from '../../src/pipeline.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { processor } from '../../src/services/processor.ts';
import { brokenPublisher } from './broken-publisher.ts';

const { FAULT_COMMIT_DELAY_MS, FAULT_COMMIT_HOLD, FAULT_PREDICT_DELAY_MS, FAULT_LOST } = process.env;
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
        console.log(`before commit of ${outcomes.length} up to ${next.offset} in ${partition}`);
        await delay(FAULT_COMMIT_DELAY_MS);
        while (FAULT_COMMIT_HOLD !== undefined && existsSync(FAULT_COMMIT_HOLD)) await systemClock.sleep(20);
        return publisher.commit(partition, outcomes, next, references);
      },
    },
  };
}

await runService('worker', (runner) =>
  processor(config, systemClock, runner, {
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
