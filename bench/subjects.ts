import { join } from 'node:path';
import { type ProcessOptions, typescript } from '../demo/services/start-process.ts';
import { pythonWith } from '../python/python-with.ts';

/** What is measured, by the name that the JSON has. */
export const SUBJECTS = ['processor', 'pythonPeer', 'bareLoop'] as const;
export type Subject = (typeof SUBJECTS)[number];

const ROOT = join(import.meta.dirname, '..');

/** How a subject is started; each says that it is ready by the same words. */
export async function programOf(
  subject: Subject,
  nodeArgs: readonly string[],
): Promise<Pick<ProcessOptions, 'command' | 'args' | 'env'>> {
  if (subject === 'pythonPeer') {
    const env = {
      MODEL_DIR: process.env.MODEL_DIR ?? join(ROOT, 'models/spt'),
      SCAN_SCHEMA: join(ROOT, 'schemas/scan.v1.avsc'),
    };
    const requirements = join(import.meta.dirname, 'requirements.txt');
    const command = await pythonWith({ requirements, home: 'bench-python' });
    return { command, args: [join(ROOT, 'bench/python-peer.py')], env };
  }
  if (subject === 'bareLoop') return typescript('bench/bare-loop.ts');
  return { args: [...nodeArgs, ...typescript('src/bin/processor.ts').args] };
}
