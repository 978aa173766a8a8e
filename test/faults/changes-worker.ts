// npm run changes with the faults of job-kills.ts.
import { changes } from '../../src/changes.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { runService } from '../../src/run-service.ts';
import { withKills } from './job-kills.ts';

await runService('changes', (fatal) => changes(readConfig(process.env), systemClock, fatal, withKills));
