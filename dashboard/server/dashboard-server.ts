import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdapter } from '@socket.io/redis-adapter';
import sirv from 'sirv';
import { Server, type Socket } from 'socket.io';
import { FatalError } from '../../src/errors.ts';
import type { ClientToServer, ServerToClient, Status, Unavailable } from '../protocol/events.ts';
import { isBefore } from '../protocol/is-before.ts';
import { type RedisReader, redisReader } from './redis-reader.ts';
import { tail } from './tail.ts';

export type DashboardOptions = {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly host: string;
  readonly port: number;
  /** Folder of the built page. */
  readonly page: string;
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
};

type ServerToServer = { viewers(answer: (count: number) => void): void };

export type DashboardServer = { readonly url: string; close(): Promise<void> };

const STATUS_EVERY_MS = 1000;
const RECOUNT_EVERY_MS = 10_000;
const PAGES = 1000;

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Serves the page and feeds it from Redis alone. Keeps nothing for a page between two questions. */
export async function dashboardServer(options: DashboardOptions): Promise<DashboardServer> {
  const { log } = options;
  if (!existsSync(join(options.page, 'index.html'))) {
    throw new FatalError(`Expected the built page in ${options.page}: run npm run build`);
  }
  let status: Status = {
    redis: 'down',
    redisSince: Date.now(),
    projection: null,
    end: { generation: '', id: '0-0' },
  };
  const reader = redisReader({
    url: options.redisUrl,
    prefix: options.prefix,
    onState(up) {
      const redis = up ? 'ok' : 'down';
      if (redis === status.redis) return;
      log(up ? 'Redis answers' : 'Redis does not answer');
      status = { ...status, redis, redisSince: Date.now(), projection: up ? status.projection : null };
      io.local.emit('status', status);
    },
  });

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
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405).end();
    else if (request.url === '/healthz') answer(response, 200, { ok: true, redis: status.redis });
    else if (request.url === '/readyz') answer(response, status.redis === 'ok' ? 200 : 503, status);
    else {
      assets(request, response, () => {
        response.writeHead(404).end('Not found\n');
      });
    }
  });
  const publisher = reader.another();
  const subscriber = reader.another({ enableOfflineQueue: true, maxRetriesPerRequest: null });
  const io = new Server<ClientToServer, ServerToClient, ServerToServer>(http, {
    adapter: createAdapter(publisher, subscriber, {
      key: `${options.prefix}socket.io`,
      requestsTimeout: 1000,
    }),
    serveClient: false,
    transports: ['websocket', 'polling'],
    allowRequest: (request, decide) => decide(null, sameOrigin(request)),
    maxHttpBufferSize: 10_000,
    pingInterval: 5000,
    pingTimeout: 5000,
  });

  const end = tail(reader, {
    events: (events) => io.local.volatile.to('live').emit('events', events),
    rebuilt() {
      log('the projection was rebuilt');
      io.local.emit('rebuilt');
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });

  io.on('connection', (socket) => {
    socket.emit('status', { ...status, end: end.end() });
    serve(socket, reader, () => end.end().id);
    countSoon();
    socket.on('disconnect', countSoon);
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
      .projections(Date.now())
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
    url: `http://${options.host}:${port}`,
    async close() {
      clearInterval(recount);
      clearInterval(statusTimer);
      clearTimeout(counting);
      await end.close();
      await io.close();
      for (const connection of [publisher, subscriber]) connection.disconnect();
      reader.close();
    },
  };
}

/** Answers the page's questions; nothing is looked up by a name from the wire. */
function serve(
  socket: Socket<ClientToServer, ServerToClient>,
  reader: RedisReader,
  endId: () => string,
): void {
  const ask = <T>(question: () => Promise<T>, reply: unknown): void => {
    if (typeof reply !== 'function') return; // anyone may speak to this port
    question().then(
      (found) => reply(found),
      (error) => reply({ unavailable: String((error as Error).message) } satisfies Unavailable),
    );
  };
  socket.on('snapshot', (reply) => ask(() => reader.snapshot(), reply));
  socket.on('follow', (cursor, reply) => ask(() => follow(cursor), reply));
  socket.on('history', (sampleId, page, reply) =>
    ask(async () => reader.history(text(sampleId), between(0, page, PAGES)), reply),
  );
  socket.on('scan', (scanId, reply) => ask(async () => reader.scan(text(scanId)), reply));
  socket.on('deadLetter', (deadLetterId, reply) =>
    ask(async () => reader.deadLetter(text(deadLetterId)), reply),
  );
  socket.on('clock', (reply) => ask(async () => Date.now(), reply));

  async function follow(cursor: unknown) {
    const { generation, id } = (cursor ?? {}) as { generation?: unknown; id?: unknown };
    if (typeof generation !== 'string' || typeof id !== 'string' || !/^\d+-\d+$/.test(id)) return null;
    const page = await reader.entriesAfter({ generation, id });
    if (page === null) return null;
    // Between reading and here the tail may have sent what this page has not seen; then it asks once more.
    const live = !page.more && !isBefore(page.events.to.id, endId());
    if (live) await socket.join('live');
    else await socket.leave('live');
    return { events: page.events, live };
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`Expected an id to be text, got ${typeof value}`);
  return value;
}

function between(least: number, value: unknown, most: number): number {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : least;
  return Math.min(most, Math.max(least, number));
}

/** A page of another site must not read a beamline's data through a visitor's browser; WebSockets know no CORS. */
function sameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (!origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
