import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { fromZero } from '../../src/runtime/telemetry.ts';

/** The dashboard server's metrics; every name is documented by its help text on /metrics. */
export function dashboardMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    sockets: new Gauge({ name: 'xanes_dashboard_sockets', help: 'Pages that are connected', registers }),
    pendingBytes: new Gauge({
      name: 'xanes_dashboard_pending_bytes',
      help: 'Bytes that were sent to pages and that these have not taken, once a second',
      registers,
    }),
    requests: new Counter({
      name: 'xanes_dashboard_requests_total',
      help: 'HTTP requests, by status code',
      labelNames: ['status'],
      registers,
    }),
    questions: fromZero(
      new Counter({
        name: 'xanes_dashboard_questions_total',
        help: 'Questions of pages: answered, unavailable (Redis did not answer) or refused (a limit)',
        labelNames: ['answer'],
        registers,
      }),
      'answer',
      ['answered', 'unavailable', 'refused'],
    ),
    refusedSockets: new Counter({
      name: 'xanes_dashboard_refused_sockets_total',
      help: 'Sockets that were not let in, by cause: host, origin, login, limit',
      labelNames: ['cause'],
      registers,
    }),
    dismissed: new Counter({
      name: 'xanes_dashboard_dismissed_total',
      help: 'Sockets that were ended by the server, by cause: flood, slow, full, expired',
      labelNames: ['cause'],
      registers,
    }),
    redisUp: new Gauge({ name: 'xanes_dashboard_redis_up', help: '1 while Redis answers', registers }),
  };
}

export type DashboardMetrics = ReturnType<typeof dashboardMetrics>;
