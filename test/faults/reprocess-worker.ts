// npm run reprocess in a process that is killed at a commit: FAULT_KILL_AT says at which. Its options are in OPTIONS.
import { openBundle } from '../../src/bundle/bundle.ts';
import { systemClock } from '../../src/common/clock.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { reprocess } from '../../src/services/reprocess.ts';

const killAt = Number(process.env.FAULT_KILL_AT);
const { to, run, modelDir } = JSON.parse(process.env.OPTIONS!) as {
  to: string;
  run: string;
  modelDir: string;
};
let commits = 0;
// Partitions would commit beside each other: a commit that is under way at the kill leaves its transaction open for a
// minute, and may be the only one.
let before: Promise<unknown> = Promise.resolve();

await reprocess(
  readConfig(process.env, { LOG_LEVEL: 'warn' }),
  systemClock,
  {
    ...{ to, modelDir, modelHash: openBundle(modelDir).hash, selection: { run }, offsets: [] },
    onProgress: () => {},
    adapt: (parts) => ({
      ...parts,
      publisher: {
        ...parts.publisher,
        commit(...given) {
          const commit = before.then(() => {
            commits += 1;
            if (commits === killAt) process.kill(process.pid, 'SIGKILL');
            return parts.publisher.commit(...given);
          });
          before = commit.catch(() => {});
          return commit;
        },
      },
    }),
  },
  new AbortController().signal,
);
