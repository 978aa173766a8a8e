// npm run accumulate with the faults of job-kills.ts.
import { accumulate } from '../../src/accumulate.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { runService } from '../../src/run-service.ts';
import { withKills } from './job-kills.ts';

await runService('accumulate', (fatal) => accumulate(readConfig(process.env), systemClock, fatal, withKills));
