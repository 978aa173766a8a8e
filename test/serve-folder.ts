import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';

/** A web server of the files in a folder, as they are when they are asked for. */
export async function serveFolder(
  folder: string,
): Promise<{ readonly url: string; asked(): readonly string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const files = sirv(folder, { dev: true });
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    files(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
