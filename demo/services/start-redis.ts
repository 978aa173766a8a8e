import getPort from 'get-port';
import { startProcess } from './start-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type RedisService = { readonly url: string; readonly pid: number; close(): Promise<void> };

/** A Redis of our own on a free loopback port, without persistence. `port` lets a test bring one back where it was. */
export async function startRedis({ port }: { readonly port?: number } = {}): Promise<RedisService> {
  const folder = temporaryFolder('redis');
  const chosen = port ?? (await getPort({ host: '127.0.0.1' }));
  try {
    const redis = await startProcess('Redis', {
      command: 'redis-server',
      args: [
        '--port',
        `${chosen}`,
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder.path,
      ],
      ready: /Ready to accept connections/,
    });
    return {
      url: `redis://127.0.0.1:${chosen}`,
      pid: redis.pid,
      async close() {
        await redis.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}
