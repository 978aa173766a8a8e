// npm run accumulate with the faults of job-kills.ts.

import { systemClock } from '../../src/common/clock.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { accumulate } from '../../src/services/accumulate.ts';
import { withKills } from './job-kills.ts';

await runService('accumulate', (runner) =>
  accumulate(readConfig(process.env), systemClock, runner, withKills),
);
