import type { IncomingMessage } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);

/**
 * Names under which the page may be asked for: those of the loopback, `host`, that of `publicUrl`, and `names`. A page
 * of another site can make its own name point to this server (DNS rebinding), and only the Host header gives it away.
 */
export function allowedHosts(options: {
  readonly host: string;
  readonly names: readonly string[];
  readonly publicUrl: string | undefined;
}): ReadonlySet<string> {
  const own = WILDCARDS.has(options.host) ? [] : [bracketed(options.host)];
  const published = options.publicUrl ? [new URL(options.publicUrl).hostname] : [];
  return new Set([...LOOPBACK, ...own, ...published, ...options.names].map((name) => name.toLowerCase()));
}

export function isAllowedHost(request: IncomingMessage, allowed: ReadonlySet<string>): boolean {
  const { host } = request.headers;
  return (
    host !== undefined && URL.canParse(`http://${host}`) && allowed.has(new URL(`http://${host}`).hostname)
  );
}

/**
 * Whether a request comes from our own page: of the same host and port, or of the public address, where a proxy changes
 * the Host header. WebSockets know no CORS: without this any page reads a beamline's data through a visitor's browser.
 */
export function isOwnOrigin(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin, host } = request.headers;
  if (!origin || !URL.canParse(origin)) return false;
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin);
}

/** A host as it stands in an address: `[::1]`. */
export const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** Whether an address is this machine's own: only its programs reach it, or are reached by it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^(::ffff:)?127(\.\d+){3}$/i.test(host);
