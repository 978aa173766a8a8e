import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, pino } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from '../messages/outcome.ts';
import { REJECT_REASONS } from '../messages/reject.ts';
import { REDACTED_LOGS } from './log-redaction.ts';

export type { Logger };

/**
 * Structured log lines, JSON on standard output. `name`: which program. A level that does not exist is `info`: whoever
 * reads the configuration says so, together with all else that is wrong in it.
 */
export const createLogger = (name: string, level: string | undefined): Logger =>
  pino({ name, level: level !== undefined && LEVELS.has(level) ? level : 'info', ...REDACTED_LOGS });

const LEVELS: ReadonlySet<string> = new Set([...Object.keys(pino.levels.values), 'silent']);

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const OUTCOMES: readonly Outcome['kind'][] = ['descriptors', 'dead-letter'];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/**
 * Shows a counter as 0 for these values of its label before anything is counted: `increase` and `rate` see no first
 * event of a series that begins with it.
 */
export function fromZero<L extends string>(
  counter: Counter<L>,
  label: L,
  values: readonly string[],
): Counter<L> {
  for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0);
  return counter;
}

/** Whether /readyz says ready, as of the scrape; the same gauge for whoever asks again. */
function readyGauge(registry: Registry): Gauge {
  const name = 'xanes_ready';
  const help = '1 while /readyz says that the service is ready';
  return (
    (registry.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help, registers: [registry] })
  );
}

/** Where the metrics of a service are, with those of its process and `xanes_ready`. */
export function serviceRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  readyGauge(registry);
  return registry;
}

/** The processor's metrics; every name is documented by its help text on /metrics. */
export function createMetrics() {
  const registry = serviceRegistry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram({ name, help, buckets, labelNames: [...labelNames], registers });
  return {
    registry,
    scans: fromZero(
      counter('xanes_scans_total', 'Scans whose outcome was committed', ['outcome']),
      'outcome',
      OUTCOMES,
    ),
    verdicts: counter('xanes_verdicts_total', 'Committed verdicts', ['descriptor', 'verdict']),
    advice: counter('xanes_advice_total', 'Committed advice, one a scan', ['advice']),
    deadLetters: fromZero(
      counter('xanes_dead_letters_total', 'Committed dead letters', ['reason']),
      'reason',
      Object.keys(REJECT_REASONS),
    ),
    lag: new Gauge({
      name: 'xanes_lag_records',
      help: 'Records between the last committed scan and the end of its partition, as of the last fetch or commit',
      labelNames: ['partition'],
      registers,
    }),
    inWork: new Gauge({
      name: 'xanes_in_work_scans',
      help: 'Scans that were fetched and are not yet committed: what a slow model makes the processor hold',
      registers,
    }),
    batchSize: histogram('xanes_batch_size', 'Scans in a micro-batch', SIZES),
    batchWait: histogram(
      'xanes_batch_wait_seconds',
      'Time that the first scan of a micro-batch waited',
      SECONDS,
    ),
    stage: histogram(
      'xanes_stage_seconds',
      'Time of a stage: prepare of one scan, predict of a micro-batch, commit of a transaction',
      SECONDS,
      ['stage'],
    ),
    latency: histogram('xanes_latency_seconds', 'From the record time of a scan to its commit', SECONDS),
    standards: new Gauge({
      name: 'xanes_standards',
      help: 'Standards that are known, by what is known of them',
      labelNames: ['known'],
      registers,
    }),
    refusedStandards: counter('xanes_standards_refused_total', 'Standards that were left out', ['because']),
    registryFailures: counter(
      'xanes_schema_registry_failures_total',
      'Questions that the schema registry did not answer',
    ),
    references: counter('xanes_run_references_total', 'Scans that became what later ones are compared with'),
    model: new Gauge({
      name: 'xanes_model_info',
      help: 'Always 1; the labels name the model in use',
      labelNames: ['id', 'hash', 'engine'],
      registers,
    }),
    modelRefused: new Gauge({
      name: 'xanes_model_refused',
      help: '1 while the model that MODEL_FILE names cannot be had, and the one before judges on',
      registers,
    }),
    fenced: counter(
      'xanes_fenced_total',
      'Transactions given up because another processor took the partition',
    ),
    retries: counter('xanes_retries_total', 'Batches that are fetched again after a broker error'),
    lost: counter(
      'xanes_lost_scans_total',
      'Offsets of scans that were deleted, by retention or by hand, before they were read',
    ),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

export type Health = { readonly ok: boolean; readonly detail: Readonly<Record<string, unknown>> };

/**
 * What a source of records has to tell, as every service counts and logs it.
 * @param what the records are called, in the plural
 */
export function sourceReports(
  what: string,
  { metrics, logger, onFatal }: SourceReporting,
): {
  onLost(partition: number, from: bigint, to: bigint): void;
  onCrash(error: Error): void;
  onWarning(message: string, error: unknown): void;
} {
  return {
    onLost(partition, from, to) {
      metrics.lost.inc(Number(to - from));
      const range = { partition, from: String(from), to: String(to - 1n) };
      logger.error(range, `lost ${what}: the topic no longer has these offsets, which were not read yet`);
    },
    onCrash: onFatal,
    onWarning: (message, error) => logger.warn({ err: error }, message),
  };
}

type SourceReporting = {
  readonly metrics: { readonly lost: { inc(count: number): void } };
  readonly logger: Logger;
  readonly onFatal: (error: Error) => void;
};

/**
 * Serves /healthz (alive and not wedged), /readyz (may be given work) and /metrics.
 * `port` 0 chooses a free one; the answer of both checks is JSON, status 200 or 503.
 */
export async function serveTelemetry(options: {
  host: string;
  port: number;
  registry: Registry;
  healthy: () => Health;
  ready: () => Health;
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = ({ ok, detail }: Health) => {
      response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ ok, ...detail })}\n`);
    };
    if (request.url === '/healthz') answer(options.healthy());
    else if (request.url === '/readyz') answer(options.ready());
    else if (request.url === '/metrics') {
      readyGauge(options.registry).set(options.ready().ok ? 1 : 0);
      options.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': options.registry.contentType }).end(text),
        (error) => response.writeHead(500).end(String(error)),
      );
    } else response.writeHead(404).end('Expected /healthz, /readyz or /metrics\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
