// Plain JavaScript beside the other tools.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { at, capture, step } from './steps.mjs';

/** npm's own is as old as the oldest Node that we name. */
const NPM = 'npm@10';

/**
 * A Node of another version, and npm, from the npm registry, in .cache/node/VERSION.
 * @param version a full one, or a range such as 22
 * @returns the program `node`, and the folder of npm's package
 */
export async function fetchNode(version) {
  const folder = at('.cache/node', version);
  const name = `node-${platform()}-${arch()}`;
  const found = {
    node: join(folder, 'node_modules', name, 'bin/node'),
    npm: join(folder, 'node_modules/npm'),
  };
  if (existsSync(found.node)) return found;
  await step(`Node ${version} from npm`, async () => {
    mkdirSync(dirname(folder), { recursive: true });
    const made = mkdtempSync(`${folder}-`); // moved when it is whole
    try {
      await capture('npm', ['install', '--no-save', '--prefix', made, `${name}@${version}`, NPM]);
      renameSync(made, folder);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });
  return found;
}
