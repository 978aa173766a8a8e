import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdapter } from '@socket.io/redis-adapter';
import sirv from 'sirv';
import { Server } from 'socket.io';
import { FatalError } from '../../src/common/errors.ts';
import type { MapOfModel } from '../../src/doors/map-of-model.ts';
import type { SaidByPeople } from '../../src/doors/said-by-people.ts';
import type { RedisSettings } from '../../src/runtime/redis-settings.ts';
import type { Logger } from '../../src/runtime/telemetry.ts';
import type { ClientToServer, ServerToClient, Status, VisitorAnswer } from '../protocol/events.ts';
import type { Access } from './access.ts';
import { adapterConnections } from './adapter-connections.ts';
import { allowedHosts, bracketed, isAllowedHost, isOwnOrigin } from './allowed-hosts.ts';
import { answerJson } from './answer-json.ts';
import { answerQuestions } from './answer-questions.ts';
import { isAtThisMachine } from './at-this-machine.ts';
import { connectionGuard } from './connection-guard.ts';
import { dashboardMetrics } from './dashboard-metrics.ts';
import { mayWrite, people } from './people.ts';
import { redisReader } from './redis-reader.ts';
import { EXPORT_POINTS, sampleExport } from './sample-export.ts';
import { securityHeaders } from './security-headers.ts';
import { sharedSnapshot } from './shared-snapshot.ts';
import { tail } from './tail.ts';
import { MAP_POINTS, trainingMaps } from './training-map.ts';
import type { Visitor } from './visitor.ts';
import { visitorAddress } from './visitor-address.ts';
import { type Limits, visitorLimits } from './visitor-limits.ts';

export type DashboardOptions = {
  readonly redis: RedisSettings;
  readonly prefix: string;
  readonly host: string;
  readonly port: number;
  /** Folder of the built page. */
  readonly page: string;
  readonly limits: Limits;
  /** Names of this server besides the loopback's and `host`. */
  readonly hosts: readonly string[];
  /** Address under which browsers know this server, where it is not the one that it listens on. */
  readonly publicUrl: string | undefined;
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Who may read /metrics: programs of this machine, those with a token as well, or anybody. */
  readonly metrics: 'loopback' | 'open';
  readonly access: Access;
  /** Where what people say is kept. */
  readonly said: SaidByPeople;
  /** The map of a model, by the first digits of its hash. */
  readonly mapOf: MapOfModel;
  readonly log: Log;
};

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

type ServerToServer = { viewers(answer: (count: number) => void): void };

export type DashboardServer = { readonly url: string; close(): Promise<void> };

/** What requests cost that cost more than most. */
const POINTS: Readonly<Record<string, number>> = { '/export': EXPORT_POINTS, '/map': MAP_POINTS };
const STATUS_EVERY_MS = 1000;
const RECOUNT_EVERY_MS = 10_000;
/** Opening a socket costs more than most requests. */
const SOCKET_POINTS = 10;

/** Serves the page and feeds it from Redis alone. Keeps nothing for a page between two questions. */
export async function dashboardServer(options: DashboardOptions): Promise<DashboardServer> {
  const { log, publicUrl, access } = options;
  if (!existsSync(join(options.page, 'index.html'))) {
    throw new FatalError(`Expected the built page in ${options.page}: run npm run build`);
  }
  const metrics = dashboardMetrics();
  const limits = visitorLimits(options.limits);
  const addressOf = visitorAddress(options.trustedProxies);
  const hosts = allowedHosts({ host: options.host, names: options.hosts, publicUrl });
  const addHeaders = securityHeaders(publicUrl);
  let status: Status = {
    redis: 'down',
    redisSince: Date.now(),
    projection: null,
    end: { generation: '', id: '0-0' },
  };
  let lastError = '';
  const reader = redisReader({
    redis: options.redis,
    prefix: options.prefix,
    onState(up) {
      const redis = up ? 'ok' : 'down';
      if (redis === status.redis) return;
      if (up) log.info('Redis answers');
      else log.warn('Redis does not answer');
      if (up) lastError = '';
      metrics.redisUp.set(up ? 1 : 0);
      status = { ...status, redis, redisSince: Date.now(), projection: up ? status.projection : null };
      io.local.emit('status', status);
    },
    onError(error) {
      if (error.message === lastError) return; // tried again once a second
      lastError = error.message;
      log.warn({ err: error }, 'Redis refuses or cannot be reached');
    },
  });
  const map = trainingMaps(options.mapOf);
  const said = people(reader, options.said, Date.now);
  const snapshot = sharedSnapshot(() => reader.snapshot(), Date.now);

  const assets = sirv(options.page, {
    dev: true, // looks at the files at each request: a page that is built anew under a running server must not be torn
    etag: true,
    gzip: true,
    setHeaders(response, path) {
      const forever = path.startsWith('/assets/'); // their names change with their content
      response.setHeader('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const http = createServer((request, response) => {
    addHeaders(request, response);
    response.once('close', () => metrics.requests.inc({ status: response.statusCode }));
    serve(request, response).catch((error) => {
      log.error({ err: error }, 'request failed');
      if (!response.headersSent) answerJson(response, 500, { error: 'internal error' });
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '';
    const isLogOut = request.method === 'POST' && path === '/logout';
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isLogOut)
      return void response.writeHead(405).end();
    // Who asks for these knows the server by its address; they tell nothing of what is measured.
    if (path === '/healthz') return answerJson(response, 200, { ok: true, redis: status.redis });
    if (path === '/readyz') return answerJson(response, status.redis === 'ok' ? 200 : 503, readiness());
    if (path === '/metrics' && (mayReadMetrics(request) || (await access.tokenOf(request)) !== null)) {
      response.setHeader('content-type', metrics.registry.contentType);
      return void response.end(await metrics.registry.metrics());
    }
    if (!isAllowedHost(request, hosts)) return answerJson(response, 421, { error: WRONG_HOST });
    const address = addressOf(request);
    const refused = await limits.request(address, POINTS[path] ?? 1);
    if (refused !== null) {
      response.setHeader('retry-after', '5');
      return answerJson(response, 429, { refused, outside: false, login: false } satisfies VisitorAnswer);
    }
    if (isLogOut) {
      if (!isOwnOrigin(request, publicUrl)) return answerJson(response, 403, { error: WRONG_ORIGIN });
      access.logOut(response);
      return void response.writeHead(204).end();
    }
    if (await access.handle(path, request, response)) return;
    const visitor = await access.visitorOf(request);
    const outside = access.required && visitor === null;
    if (path === '/visitor') {
      const { hasLogin: login } = access;
      const refused = outside ? NO_LOGIN : limits.socket(address);
      response.setHeader('cache-control', 'no-store');
      return answerJson(response, 200, { refused, outside, login } satisfies VisitorAnswer);
    }
    if (outside) {
      if (!access.hasLogin || path !== '/') return answerJson(response, 401, { error: NO_LOGIN });
      return void response.writeHead(303, { location: '/login', 'cache-control': 'no-store' }).end();
    }
    if (path === '/export') return sampleExport(request, response, reader);
    if (path === '/map') return map(request, response);
    assets(request, response, () => {
      response.writeHead(404).end('Not found\n');
    });
  }

  function readiness(): object {
    const ok = status.redis === 'ok';
    const reason = `Redis does not answer: ${lastError || 'there is no connection'}`;
    return { ok, ...(ok ? {} : { reason }), ...status };
  }

  function mayReadMetrics(request: IncomingMessage): boolean {
    return options.metrics === 'open' || (isAtThisMachine(request) && isAllowedHost(request, hosts));
  }

  const { publisher, subscriber } = adapterConnections(() => reader.another({ autoResubscribe: false }));
  const io = new Server<ClientToServer, ServerToClient, ServerToServer>(http, {
    adapter: createAdapter(publisher, subscriber, {
      key: `${options.prefix}socket.io`,
      requestsTimeout: 1000,
    }),
    serveClient: false,
    transports: ['websocket'], // long polling holds what a slow reader does not take where nobody counts it
    allowRequest(request, decide) {
      void socketRefusal(request).then((refused) => {
        if (refused) metrics.refusedSockets.inc({ cause: refused.cause });
        decide(refused?.reason, refused === null);
      });
    },
    maxHttpBufferSize: 10_000,
    connectTimeout: 5000,
    pingInterval: 5000,
    pingTimeout: 5000,
  });

  async function socketRefusal(
    request: IncomingMessage,
  ): Promise<{ cause: 'host' | 'origin' | 'limit' | 'login'; reason: string } | null> {
    if (!isAllowedHost(request, hosts)) return { cause: 'host', reason: WRONG_HOST };
    const address = addressOf(request);
    const reason = limits.socket(address) ?? (await limits.request(address, SOCKET_POINTS));
    if (reason !== null) return { cause: 'limit', reason };
    // A browser adds cookies by itself and the Origin too; a token is added only by whoever holds it.
    const token = await access.tokenOf(request);
    if (token === null && !isOwnOrigin(request, publicUrl)) return { cause: 'origin', reason: WRONG_ORIGIN };
    const visitor = token ?? (await access.visitorOf(request));
    if (visitor === null) return access.required ? { cause: 'login', reason: NO_LOGIN } : null;
    visitors.set(request, visitor);
    return null;
  }

  /** Who a connection was let in for, by its first request. */
  const visitors = new WeakMap<IncomingMessage, Visitor>();
  const guard = connectionGuard({
    ...{ limits, metrics, log, addressOf },
    visitorOf: (request) => visitors.get(request),
  });
  io.engine.on('connection', guard.opened);

  const end = tail(reader, {
    events: (events) => io.local.volatile.to('live').emit('events', events),
    rebuilt() {
      log.info('the projection was rebuilt');
      snapshot.forget();
      io.local.emit('rebuilt');
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });

  io.on('connection', (socket) => {
    socket.emit('status', { ...status, end: end.end() });
    const visitor = visitors.get(socket.request);
    const address = addressOf(socket.request);
    const isWriter = mayWrite(visitor, isAtThisMachine(socket.request), access.required);
    const author = isWriter ? (visitor?.name ?? NOBODY_BY_NAME) : null;
    socket.emit('visitor', visitor ? { name: visitor.name, role: visitor.role } : null, author !== null);
    answerQuestions(socket, {
      ...{ address, reader, snapshot, limits, metrics, author, people: said },
      endId: () => end.end().id,
    });
    countSoon();
    socket.on('disconnect', () => {
      limits.forget(socket.id);
      countSoon();
    });
  });

  let counting: NodeJS.Timeout | undefined;
  function countSoon(): void {
    counting ??= setTimeout(() => {
      counting = undefined;
      void countViewers();
    }, 200);
  }
  /** What truly crosses servers: each is asked how many pages it has, and all pages are told the sum. */
  async function countViewers(): Promise<void> {
    const own = io.of('/').sockets.size;
    try {
      const others = await io.serverSideEmitWithAck('viewers');
      io.emit(
        'viewers',
        others.reduce((sum, count) => sum + count, own),
      );
    } catch {
      io.local.emit('viewers', own); // Redis is away, or a server died a moment ago
    }
  }
  io.on('viewers', (answer) => answer(io.of('/').sockets.size));
  const recount = setInterval(() => void countViewers(), RECOUNT_EVERY_MS);

  const statusTimer = setInterval(() => {
    void reader
      .projections()
      .catch(() => null)
      .then((projection) => {
        status = { ...status, projection, end: end.end() };
        io.local.volatile.emit('status', status);
      });
  }, STATUS_EVERY_MS);

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, options.host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://${bracketed(options.host)}:${port}`,
    async close() {
      clearInterval(recount);
      clearInterval(statusTimer);
      guard.close();
      clearTimeout(counting);
      await end.close();
      await io.close();
      for (const connection of [publisher, subscriber]) connection.disconnect();
      reader.close();
    },
  };
}

const NOBODY_BY_NAME = 'at the dashboard';
const WRONG_HOST = 'Expected a Host that DASHBOARD_HOSTS names';
const WRONG_ORIGIN = 'Expected the Origin of this page';
const NO_LOGIN = 'Log in to see this page';
