import type { Socket } from 'socket.io';
import type { ClientToServer, Cursor, ServerToClient, Unavailable } from '../protocol/events.ts';
import { isBefore } from '../protocol/is-before.ts';
import type { DashboardMetrics } from './dashboard-metrics.ts';
import type { People } from './people.ts';
import { pendingBytes } from './raw-socket.ts';
import type { RedisReader } from './redis-reader.ts';
import type { SharedSnapshot } from './shared-snapshot.ts';
import type { VisitorLimits } from './visitor-limits.ts';

/** What a question costs, in points; of one that does not exist, a point. */
const POINTS: Readonly<Record<keyof ClientToServer, number>> = {
  clock: 1,
  scan: 2,
  deadLetter: 2,
  snapshot: 5,
  follow: 5,
  history: 5,
  spectra: 8,
  annotate: 25,
  acknowledgeAll: 50,
  markStandard: 50,
};
const PAGES = 1000;
const SPECTRA_AT_ONCE = 16;
/** A page is told that it is refused so often at most. */
const TOLD_EVERY_MS = 1000;

/** Answers the page's questions, as far as the limits let it ask; nothing is looked up by a name from the wire. */
export function answerQuestions(
  socket: Socket<ClientToServer, ServerToClient>,
  parts: {
    readonly address: string;
    readonly reader: RedisReader;
    readonly snapshot: SharedSnapshot;
    readonly limits: VisitorLimits;
    readonly metrics: DashboardMetrics;
    readonly endId: () => string;
    readonly people: People;
    /** By which name this visitor may write; null: not at all. */
    readonly author: string | null;
  },
): void {
  const { address, reader, snapshot, limits, metrics, endId, people, author } = parts;
  let inFlight = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  socket.use(([name, ...values], next) => {
    const points = Object.hasOwn(POINTS, name) ? POINTS[name as keyof ClientToServer] : 1;
    void refusal(points).then((reason) => {
      if (!socket.connected) return;
      if (reason === null) return next();
      metrics.questions.inc({ answer: 'refused' });
      const reply: unknown = values.at(-1);
      if (typeof reply === 'function') reply({ unavailable: reason } satisfies Unavailable);
      tell(reason);
    });
  });

  async function refusal(points: number): Promise<string | null> {
    if (inFlight >= limits.inFlight)
      return `Too many questions at once: ${limits.inFlight} (DASHBOARD_IN_FLIGHT)`;
    if (pendingBytes(socket.conn) > limits.pendingBytes / 4)
      return `This page reads too slowly: its answers to earlier questions are still on their way`;
    return limits.question(socket.id, address, points);
  }

  function tell(reason: string): void {
    const now = performance.now();
    if (now - toldAtMs < TOLD_EVERY_MS) return;
    toldAtMs = now;
    socket.emit('refused', reason);
  }

  function ask<T>(question: () => Promise<T>, reply: unknown): void {
    if (typeof reply !== 'function') return; // anyone may speak to this port
    inFlight += 1;
    question()
      .then(
        (found) => {
          metrics.questions.inc({ answer: 'answered' });
          reply(found);
        },
        (error) => {
          metrics.questions.inc({ answer: 'unavailable' });
          reply({ unavailable: String((error as Error).message) } satisfies Unavailable);
        },
      )
      .finally(() => {
        inFlight -= 1;
      });
  }

  socket.on('snapshot', (reply) => ask(() => snapshot.get(), reply));
  socket.on('follow', (cursor, reply) => ask(() => follow(cursor), reply));
  socket.on('history', (sampleId, page, reply) =>
    ask(async () => reader.history(text(sampleId), between(0, page, PAGES)), reply),
  );
  socket.on('scan', (scanId, reply) => ask(async () => reader.scan(text(scanId)), reply));
  socket.on('spectra', (scanIds, reply) => ask(async () => reader.spectra(texts(scanIds)), reply));
  const ifMayWrite =
    <Answer>(say: (author: string) => Promise<Answer>) =>
    async () =>
      author === null ? { refused: 'Only an operator may write here' } : say(author);
  socket.on('annotate', (wish, reply) =>
    ask(
      ifMayWrite((by) => people.annotate(wish, by)),
      reply,
    ),
  );
  socket.on('acknowledgeAll', (upToMs, reply) =>
    ask(
      ifMayWrite((by) => people.acknowledgeAll(upToMs, by)),
      reply,
    ),
  );
  socket.on('markStandard', (wish, reply) =>
    ask(
      ifMayWrite(() => people.markStandard(wish)),
      reply,
    ),
  );
  socket.on('deadLetter', (deadLetterId, reply) =>
    ask(async () => reader.deadLetter(text(deadLetterId)), reply),
  );
  socket.on('clock', (reply) => ask(async () => Date.now(), reply));

  async function follow(wanted: unknown) {
    const cursor = cursorOf(wanted);
    if (cursor === null) return null;
    const page = await reader.entriesAfter(cursor);
    if (page === null) {
      snapshot.forget(cursor);
      return null;
    }
    // Between reading and here the tail may have sent what this page has not seen; then it asks once more.
    const live = !page.more && !isBefore(page.to.id, endId());
    if (live) await socket.join('live');
    else await socket.leave('live');
    return { events: page.events, live };
  }
}

function cursorOf(value: unknown): Cursor | null {
  const { generation, id } = (value ?? {}) as { generation?: unknown; id?: unknown };
  const known = typeof generation === 'string' && typeof id === 'string' && /^\d+-\d+$/.test(id);
  return known ? { generation, id } : null;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`Expected an id to be text, got ${typeof value}`);
  return value;
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`Expected a list of ids, got ${typeof value}`);
  if (value.length > SPECTRA_AT_ONCE)
    throw new RangeError(`Expected at most ${SPECTRA_AT_ONCE} ids, got ${value.length}`);
  return value.map(text);
}

function between(least: number, value: unknown, most: number): number {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : least;
  return Math.min(most, Math.max(least, number));
}
