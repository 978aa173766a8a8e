// One processor whose gate makes a reference of the first scan of each run, and says in the advice what a scan was
// compared with. FAULT_COMMIT_DELAY_MS passes between a batch's results and their commit.
import { systemClock } from '../../src/common/clock.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { processor } from '../../src/services/processor.ts';
import { openChain } from '../../src/threads/open-chain.ts';

const config = readConfig(process.env);
const delayMs = Number(process.env.FAULT_COMMIT_DELAY_MS ?? 0);
const READING = { meanOxidationState: 3, sigma: 0.2, halfEdgeEv: 7720 };

const settings = {
  ...{ modelDir: config.MODEL_DIR, engine: config.MODEL_ENGINE },
  ...{ engineThreads: 1, maxBatch: config.BATCH_MAX_SIZE },
};
const chain = await openChain(settings, systemClock.nowMs, () => {}, {
  adaptGate: (gate) => (prepared, prediction, anchors) => {
    const reference = anchors?.reference ?? null;
    return {
      ...gate(prepared, prediction, anchors),
      adviceReason: reference?.scanId ?? 'nothing',
      reference: reference === null ? READING : null,
    };
  },
});

await runService('worker', (runner) =>
  processor(config, systemClock, runner, {
    adaptCompute: () => ({ ...chain, threads: 0 }),
    adapt: (parts) => ({
      ...parts,
      publisher: {
        ...parts.publisher,
        async commit(...batch) {
          console.log(`before commit of ${batch[1].length}`);
          await systemClock.sleep(delayMs);
          return parts.publisher.commit(...batch);
        },
      },
    }),
  }),
);
