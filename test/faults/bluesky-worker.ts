// The Bluesky service with a fault put in on purpose.
import { bluesky } from '../../src/bluesky.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { runService } from '../../src/run-service.ts';

const nothing = async () => ({ offset: -1n, metadata: null });

await runService('bluesky', (fatal) =>
  bluesky(readConfig(process.env), systemClock, fatal, (parts) => ({
    ...parts,
    // Forgets where open runs begin, and goes on from where it had read to.
    ...(process.env.FAULT_FORGET === 'open-runs' && { committed: nothing }),
  })),
);
