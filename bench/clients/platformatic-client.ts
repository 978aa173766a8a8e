import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchNode } from '../../tools/fetch-node.mjs';
import { capture } from '../../tools/steps.mjs';

const FOLDER = join(import.meta.dirname, '../../.cache/bench-clients');
const PACKAGE = '@platformatic/kafka';
const VERSION = '2.12.1';

/** @platformatic/kafka in .cache, and a Node that it runs on: it needs 22.22 or 24.6. */
export async function platformaticClient(): Promise<{ node: string; folder: string }> {
  const { node } = await fetchNode('24');
  if (!existsSync(join(FOLDER, 'node_modules', PACKAGE)))
    await capture('npm', ['install', '--no-save', '--prefix', FOLDER, `${PACKAGE}@${VERSION}`]);
  return { node, folder: FOLDER };
}
