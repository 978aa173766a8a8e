// One processor that says when it begins to load what must not be cut off.
import { systemClock } from '../../src/common/clock.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { processor } from '../../src/services/processor.ts';

await runService('processor', (runner) =>
  processor(readConfig(process.env), systemClock, {
    ...runner,
    uninterrupted(work) {
      console.log('loading');
      return runner.uninterrupted(work);
    },
  }),
);
