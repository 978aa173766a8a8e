import { join } from 'node:path';
import { type ProcessOptions, typescript } from '../demo/services/start-process.ts';
import { pythonWith } from '../python/python-with.ts';
import { platformaticClient } from './clients/platformatic-client.ts';

/** What is measured, by the name that the JSON has. */
export const SUBJECTS = ['processor', 'pythonPeer', 'bareLoop'] as const;
/** Loops that do no work, by several Kafka clients: `--clients`. */
export const CLIENTS = ['bareLoop', 'platformaticLoop', 'librdkafkaLoop'] as const;
export type Subject = (typeof SUBJECTS)[number] | (typeof CLIENTS)[number];

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
    return { command: await benchPython(), args: [join(ROOT, 'bench/python-peer.py')], env };
  }
  if (subject === 'platformaticLoop') {
    const { node, folder } = await platformaticClient();
    const env = { CLIENT_FOLDER: folder };
    return { command: node, args: [join(ROOT, 'bench/clients/platformatic-loop.mjs')], env };
  }
  if (subject === 'librdkafkaLoop')
    return { command: await benchPython(), args: [join(ROOT, 'bench/clients/librdkafka-loop.py')] };
  if (subject === 'bareLoop') return typescript('bench/bare-loop.ts');
  return { args: [...nodeArgs, ...typescript('src/bin/processor.ts').args] };
}

const benchPython = (): Promise<string> =>
  pythonWith({ requirements: join(import.meta.dirname, 'requirements.txt'), home: 'bench-python' });
