import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { startProcess } from './start-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type RegistryService = {
  /** Where Confluent's API is. */
  readonly url: string;
  /** SIGSTOP makes it slow beyond any patience, SIGCONT well again. */
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 240_000;

/** An Apicurio Registry of our own on a loopback port, with nothing in it. `port` brings one back where it was. */
export async function startRegistry({ port }: { readonly port?: number } = {}): Promise<RegistryService> {
  const fetched = join(root, '.cache/registry');
  const program = readdirSync(fetched).find((name) => name.endsWith('-runner.jar'));
  if (program === undefined) throw new Error(`Expected a program in ${fetched}: run npm run setup -- tests`);
  const folder = temporaryFolder('registry');
  const chosen = port ?? (await getPort({ host: '127.0.0.1' }));
  const url = `http://127.0.0.1:${chosen}/apis/ccompat/v7`;
  try {
    const registry = await startProcess('Apicurio Registry', {
      command: 'java',
      args: [
        ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dquarkus.http.host=127.0.0.1'],
        ...[`-Dquarkus.http.port=${chosen}`, `-Djava.io.tmpdir=${folder.path}`],
        ...['-jar', join(fetched, program)],
      ],
      ready: async () => (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2000) })).ok,
      readyTimeoutMs: READY_WITHIN_MS,
    });
    return {
      url,
      signal: registry.signal,
      async close() {
        registry.signal('SIGCONT');
        await registry.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}
