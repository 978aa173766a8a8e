// npm run dashboard: one dashboard server. Any number may run side by side on one Redis.

import { fileURLToPath } from 'node:url';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { mapOfModel } from '../../src/doors/map-of-model.ts';
import { saidByPeople } from '../../src/doors/said-by-people.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../../src/runtime/config.ts';
import { REGISTRY_SETTINGS, SCHEMA_REGISTRY_SETTINGS } from '../../src/runtime/processor-settings.ts';
import { redisSettings } from '../../src/runtime/redis-settings.ts';
import { runService } from '../../src/runtime/run-service.ts';
import { createLogger } from '../../src/runtime/telemetry.ts';
import { access, accessSettings } from './access.ts';
import { dashboardServer } from './dashboard-server.ts';

const USAGE = `npm run dashboard: serves the live page from Redis (npm run projection fills it). What people note on
it goes to Kafka.
Build the page first: npm run build. PORT is 8080 here by default.

  --insecure  let everybody in, though HOST is not the loopback and no log-in is set up`;

const { values: flags } = parseFlags({
  options: { insecure: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

const KEYS = [
  ...KAFKA_KEYS,
  ...(['TOPIC_ANNOTATIONS', 'TOPIC_STANDARDS'] as const),
  ...SCHEMA_REGISTRY_SETTINGS,
  ...(['MODEL_DIR', ...REGISTRY_SETTINGS] as const),
  ...(['REDIS_URL', 'REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_PREFIX'] as const),
  ...(['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY', 'HOST', 'PORT', 'LOG_LEVEL'] as const),
  ...(['DASHBOARD_URL', 'DASHBOARD_HOSTS', 'DASHBOARD_TRUSTED_PROXIES', 'DASHBOARD_METRICS'] as const),
  ...(['DASHBOARD_SOCKETS', 'DASHBOARD_SOCKETS_PER_ADDRESS', 'DASHBOARD_IN_FLIGHT'] as const),
  ...(['DASHBOARD_POINTS_PER_PAGE', 'DASHBOARD_POINTS_PER_ADDRESS', 'DASHBOARD_POINTS_IN_ALL'] as const),
  'DASHBOARD_PENDING_BYTES',
  ...(['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_SCOPE'] as const),
  ...(['SESSION_SECONDS', 'SESSION_SECRET'] as const),
  ...(['TOKEN_JWKS_URL', 'TOKEN_KEY', 'TOKEN_SECRET', 'TOKEN_ISSUER', 'TOKEN_AUDIENCE'] as const),
  ...(['ROLE_CLAIM', 'ROLES_VIEWER', 'ROLES_OPERATOR'] as const),
] as const;

if (flags.help) {
  console.log(configHelp(USAGE, KEYS));
} else {
  await runService('dashboard', async () => {
    const config = readConfig(process.env, { PORT: '8080' });
    const log = createLogger('dashboard', config.LOG_LEVEL);
    const server = await dashboardServer({
      redis: redisSettings(config),
      prefix: config.REDIS_PREFIX,
      host: config.HOST,
      port: config.PORT,
      page: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
      limits: {
        sockets: config.DASHBOARD_SOCKETS,
        socketsPerAddress: config.DASHBOARD_SOCKETS_PER_ADDRESS,
        inFlight: config.DASHBOARD_IN_FLIGHT,
        pointsPerPage: config.DASHBOARD_POINTS_PER_PAGE,
        pointsPerAddress: config.DASHBOARD_POINTS_PER_ADDRESS,
        pointsInAll: config.DASHBOARD_POINTS_IN_ALL,
        pendingBytes: config.DASHBOARD_PENDING_BYTES,
      },
      hosts: config.DASHBOARD_HOSTS ?? [],
      publicUrl: config.DASHBOARD_URL,
      trustedProxies: config.DASHBOARD_TRUSTED_PROXIES ?? [],
      metrics: config.DASHBOARD_METRICS,
      said: saidByPeople(config, log),
      mapOf: mapOfModel(config),
      access: access(accessSettings(config, flags.insecure), log),
      log,
    });
    log.info({ url: server.url }, 'dashboard');
    return server;
  });
}
