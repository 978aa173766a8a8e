import { io, type Socket } from 'socket.io-client';
import type {
  ClientToServer,
  Cursor,
  Events,
  JsonBytes,
  ServerToClient,
  Snapshot,
  Unavailable,
  VisitorAnswer,
} from '../../../protocol/events.ts';
import { isBefore } from '../../../protocol/is-before.ts';
import { type ClockOffset, clockOffset } from './clock-offset.ts';
import { fromJson } from './from-json.ts';
import type { Latency } from './latency.ts';
import { shutterTime } from './row-times.ts';
import { isPreview, type Store } from './store.ts';

export type PageSocket = Socket<ServerToClient, ClientToServer>;

const ANSWER_WITHIN_MS = 10_000;
const RETRY_MS = 1000;
const CLOCK_AGAIN_MS = 60_000;

/**
 * Keeps the store up to date. The page's own cursor decides what it has: after every (re)connection, and whenever an
 * emission does not continue at the cursor, it asks for what follows; socket.io's own recovery is not relied on.
 */
export function connect(store: Store, latency: Latency): { socket: PageSocket; clock: ClockOffset } {
  const socket: PageSocket = io({
    transports: ['websocket'],
    reconnectionDelay: 300,
    reconnectionDelayMax: 2000,
  });
  const clock = clockOffset((answer) => socket.volatile.emit('clock', answer));
  setInterval(clock.measure, CLOCK_AGAIN_MS); // clocks drift
  let cursor: Cursor | null = null;
  /** Counts connections, so that an answer to the one before is not taken for this one's. */
  let round = 0;
  let catchingUp = false;

  socket.on('connect', () => {
    round += 1;
    catchingUp = false;
    clock.measure();
    void catchUp();
  });
  socket.on('disconnect', () => {
    round += 1;
    catchingUp = false;
    store.set('link', 'lost');
  });
  socket.io.on('reconnect_attempt', () => store.state.link === 'connecting' || store.set('link', 'lost'));
  socket.on('connect_error', () => void askWhy());
  socket.on('refused', (reason) => store.refused(reason));
  socket.on('visitor', (visitor, mayWrite) => {
    store.set('visitor', visitor);
    store.set('mayWrite', mayWrite);
    store.set('mustLogIn', false);
  });
  socket.on('viewers', (count) => store.set('viewers', count));
  socket.on('rebuilt', () => {
    cursor = null;
    void catchUp();
  });
  socket.on('status', (status) => {
    const wasDown = store.state.status?.redis !== 'ok';
    store.set('status', status);
    const missed = cursor !== null && isBefore(cursor.id, status.end.id);
    if ((wasDown && status.redis === 'ok') || missed) void catchUp();
  });
  socket.on('events', (events) => {
    if (catchingUp || cursor === null) return; // what is missed now is asked for
    const continues = events.from.generation === cursor.generation && !isBefore(cursor.id, events.from.id);
    if (!continues) void catchUp();
    else apply(events, true);
  });

  /** A refused WebSocket tells a page nothing; plain HTTP does. */
  async function askWhy(): Promise<void> {
    const why = await fetch('/visitor').then(
      (answer) => answer.json() as Promise<VisitorAnswer>,
      () => null, // the server is away
    );
    if (why?.refused) store.refused(why.refused);
    store.set('mustLogIn', (why?.outside && why.login) ?? false);
  }

  async function catchUp(): Promise<void> {
    if (catchingUp || !socket.connected) return;
    catchingUp = true;
    const mine = round;
    try {
      if (store.state.link !== 'live') store.set('link', 'catching up');
      for (let live = false; !live && mine === round; ) live = await step(mine);
      if (mine === round) store.set('link', 'live');
    } catch {
      // Redis is away or the server is: the status or the next connection says when to go on; this is the last resort.
      if (mine === round) setTimeout(() => void catchUp(), RETRY_MS);
    } finally {
      if (mine === round) catchingUp = false;
    }
  }

  /** One question; true when nothing is missing and what comes from now on is sent. */
  async function step(mine: number): Promise<boolean> {
    const asking = socket.timeout(ANSWER_WITHIN_MS);
    let from = cursor; // `rebuilt` may clear it while an answer is on its way
    if (from === null) {
      const answer: JsonBytes<Snapshot> | Unavailable = await asking.emitWithAck('snapshot');
      if (mine !== round) return false;
      if ('unavailable' in answer) throw new Error(answer.unavailable);
      const snapshot = fromJson(answer);
      store.load(snapshot);
      from = snapshot.cursor;
      cursor = from;
    }
    const page = await asking.emitWithAck('follow', from);
    if (mine !== round || cursor !== from) return false;
    if (page === null) {
      cursor = null; // the log no longer holds our place: begin anew
      return false;
    }
    if ('unavailable' in page) throw new Error(page.unavailable);
    apply(fromJson(page.events), false);
    return page.live;
  }

  function apply(events: Events, live: boolean): void {
    const { id } = cursor!;
    const fresh = events.entries.filter((entry) => isBefore(id, entry.id));
    if (isBefore(id, events.to.id)) cursor = events.to;
    store.add(fresh, live);
    if (!live || document.hidden) return;
    // What was published before this projection began is history that is being read again, not something that was slow.
    const projectionBegan = Number.parseInt(events.to.generation, 10);
    for (const entry of fresh) {
      if (entry.kind !== 'scan' || isPreview(entry.row) || entry.row.publishedAt < projectionBegan) continue;
      const from = shutterTime(entry.row);
      if (from !== null) latency.arrived(from);
    }
  }

  return { socket, clock };
}
