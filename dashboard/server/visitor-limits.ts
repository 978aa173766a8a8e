import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/**
 * How much one visitor, and all together, may take of the server and of Redis. A point is at most 0.4 ms of the
 * server's CPU, measured in docs/operate.md.
 */
export type Limits = {
  /** Open sockets, in all and from one address. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** Questions of one socket that wait for Redis. */
  readonly inFlight: number;
  /** Points a second, averaged over WINDOW_S. */
  readonly pointsPerPage: number;
  readonly pointsPerAddress: number;
  readonly pointsInAll: number;
  /** Bytes of one socket that its reader has not taken yet. */
  readonly pendingBytes: number;
};

/** A page asks for much at once when it opens, and for little later. */
const WINDOW_S = 5;
/** Packets a second are this many times the points: a page that is refused may ask again, a flood is cut off. */
const PACKETS_PER_POINT = 10;

export type VisitorLimits = ReturnType<typeof visitorLimits>;

/**
 * Counts what visitors take. Every answer is null, or the reason of the refusal in words for whoever is refused. Pages
 * behind one proxy or one router share their address, which is why an address may take more than a page.
 */
export function visitorLimits(limits: Limits) {
  const limiter = (keyPrefix: string, perSecond: number) =>
    new RateLimiterMemory({ keyPrefix, points: perSecond * WINDOW_S, duration: WINDOW_S });
  const pages = limiter('page', limits.pointsPerPage);
  const addresses = limiter('address', limits.pointsPerAddress);
  const all = limiter('all', limits.pointsInAll);
  const open = new Map<string, number>();
  let sockets = 0;

  const shared = async (address: string, points: number): Promise<string | null> => {
    if (await isRefused(addresses, address, points))
      return `Too many questions from this address: ${limits.pointsPerAddress} points a second (DASHBOARD_POINTS_PER_ADDRESS)`;
    if (await isRefused(all, '', points))
      return `The server is asked too much: ${limits.pointsInAll} points a second (DASHBOARD_POINTS_IN_ALL)`;
    return null;
  };

  return {
    inFlight: limits.inFlight,
    pendingBytes: limits.pendingBytes,
    packetsPerSecond: PACKETS_PER_POINT * limits.pointsPerPage,

    /** Something that any HTTP request costs. */
    request: shared,

    /** A question of the page with the socket `id`. */
    async question(id: string, address: string, points: number): Promise<string | null> {
      if (await isRefused(pages, id, points))
        return `Too many questions from this page: ${limits.pointsPerPage} points a second (DASHBOARD_POINTS_PER_PAGE)`;
      return shared(address, points);
    },

    /** Whether one more socket may open, or, with `alreadyOpen`, stay. */
    socket(address: string, alreadyOpen = false): string | null {
      const more = alreadyOpen ? 0 : 1;
      if (sockets + more > limits.sockets)
        return `Too many pages: this server serves ${limits.sockets} (DASHBOARD_SOCKETS)`;
      if ((open.get(address) ?? 0) + more > limits.socketsPerAddress)
        return `Too many pages from this address: ${limits.socketsPerAddress} (DASHBOARD_SOCKETS_PER_ADDRESS)`;
      return null;
    },
    opened(address: string): void {
      sockets += 1;
      open.set(address, (open.get(address) ?? 0) + 1);
    },
    closed(address: string): void {
      sockets -= 1;
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    },
    /** The page is gone. */
    forget: (id: string) => void pages.delete(id),
  };
}

const isRefused = (limiter: RateLimiterMemory, key: string, points: number): Promise<boolean> =>
  limiter.consume(key, points).then(
    () => false,
    (_: RateLimiterRes) => true,
  );
