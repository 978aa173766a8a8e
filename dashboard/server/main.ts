// npm run dashboard: one dashboard server. Any number may run side by side on one Redis.

import { fileURLToPath } from 'node:url';
import { configHelp, readConfig } from '../../src/config.ts';
import { runService } from '../../src/run-service.ts';
import { createLogger } from '../../src/telemetry.ts';
import { dashboardServer } from './dashboard-server.ts';

const USAGE = `npm run dashboard: serves the live page, from Redis alone (npm run projection fills it).
Build the page first: npm run build.`;

if (process.argv.includes('--help')) {
  console.log(configHelp(USAGE, ['REDIS_URL', 'REDIS_PREFIX', 'HOST', 'PORT', 'LOG_LEVEL']));
} else {
  await runService('dashboard', async () => {
    const config = readConfig(process.env, { PORT: '8080' });
    const logger = createLogger('dashboard', config.LOG_LEVEL);
    const server = await dashboardServer({
      redisUrl: config.REDIS_URL,
      prefix: config.REDIS_PREFIX,
      host: config.HOST,
      port: config.PORT,
      page: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
      log: (message, detail = {}) => logger.info(detail, message),
    });
    logger.info({ url: server.url }, 'dashboard');
    return server;
  });
}
