import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import getPort from 'get-port';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, JsonBytes, ServerToClient } from '../../dashboard/protocol/events.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';

export const root = join(import.meta.dirname, '../..');

export type TestDashboard = RunningProcess & { readonly port: number; readonly url: string };

export const buildPage = () => void execFileSync('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'pipe' });

/** A dashboard server as a process of its own. `env`: its settings; without PORT on a free one. */
export async function startDashboard(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
): Promise<TestDashboard> {
  const port = Number(env.PORT ?? (await getPort({ host: '127.0.0.1' })));
  const server = await startProcess('dashboard', {
    ...typescript(join(root, 'dashboard/server/main.ts'), args),
    env: { PORT: `${port}`, LOG_LEVEL: 'info', ...env },
    ready: /"msg":"dashboard"/,
  });
  return { ...server, port, url: `http://127.0.0.1:${port}` };
}

export type TestSocket = Socket<ServerToClient, ClientToServer>;

/** A socket as a page opens it, or, with other headers, as anybody does. Not connected yet. */
export const openSocket = (
  url: string,
  headers: Readonly<Record<string, string>> = { origin: url },
): TestSocket =>
  io(url, { transports: ['websocket'], reconnection: false, forceNew: true, extraHeaders: headers });

/** Resolves when it is let in; rejects with the server's words when not. */
export const connected = (socket: TestSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });

export const fromJson = <T>(bytes: JsonBytes<T>): T => JSON.parse(Buffer.from(bytes).toString());

/** Value of a metric, 0 when nothing was counted. `labels` as they stand on /metrics. */
export async function metric(url: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name}${labels} `));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ')));
}
