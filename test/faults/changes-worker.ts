// npm run changes with the faults of job-kills.ts.

import { systemClock } from '../../src/common/clock.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { changes } from '../../src/services/changes.ts';
import { withKills } from './job-kills.ts';

await runService('changes', (runner) => changes(readConfig(process.env), systemClock, runner, withKills));
