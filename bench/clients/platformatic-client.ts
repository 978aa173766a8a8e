import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.cache/bench-clients');
const PACKAGE = '@platformatic/kafka';
const VERSION = '2.12.1';

/** @platformatic/kafka in .cache, and a Node that it runs on: it needs 22.22 or 24.6. */
export async function platformaticClient(): Promise<{ node: string; folder: string }> {
  const tool = pathToFileURL(join(ROOT, 'tools/fetch-node.mjs')).href; // plain JavaScript, without types
  const { fetchNode } = (await import(tool)) as { fetchNode(version: string): Promise<{ node: string }> };
  const { node } = await fetchNode('24');
  if (!existsSync(join(FOLDER, 'node_modules', PACKAGE))) {
    const args = ['install', '--no-save', '--prefix', FOLDER, `${PACKAGE}@${VERSION}`];
    execFileSync('npm', args, { stdio: ['ignore', 2, 2] });
  }
  return { node, folder: FOLDER };
}
