// npm run models: which models a registry has, and the list that a registry on a web server needs.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../bundle/bundle.ts';
import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { listBundles } from '../registry/file-registry.ts';
import { openRegistry } from '../registry/registry.ts';
import { REGISTRY_FILE, registryJson } from '../registry/registry-json.ts';
import { configHelp, readConfig } from '../runtime/config.ts';
import { REGISTRY_SETTINGS } from '../runtime/processor-settings.ts';

const USAGE = `npm run models: which models there are, as MODEL, MODEL_FILE and --model name them.

  npm run -s models                   a line name@hash for each model of MODEL_REGISTRY
  npm run -s models -- index FOLDER   verifies the bundles in the folders of FOLDER and writes ${REGISTRY_FILE} there:
                                      the folder can then be copied to a web server or an object store
  --help`;

const { values: flags, positionals } = parseFlags({
  allowPositionals: true,
  options: { help: { type: 'boolean' } },
});

if (flags.help) console.log(configHelp(USAGE, REGISTRY_SETTINGS));
else await runCommand(readFlags(chosen));

/** What the arguments ask for; throws where they are wrong. */
function chosen(): () => Promise<void> {
  const [action, folder, ...rest] = positionals;
  if (action === undefined) return list;
  if (action !== 'index' || folder === undefined || rest.length > 0)
    throw new Error(`Expected no argument, or index and a folder, got ${positionals.join(' ')}`);
  return async () => index(folder);
}

async function list(): Promise<void> {
  for (const { id, hash, folder } of await openRegistry(readConfig(process.env)).list())
    console.log(`${id}@${hash}  ${folder}`);
}

function index(folder: string): void {
  const bundles = listBundles(folder, (error) => {
    throw error;
  });
  for (const bundle of bundles) openBundle(join(folder, bundle.folder));
  writeFileSync(join(folder, REGISTRY_FILE), registryJson(bundles));
  console.log(`${join(folder, REGISTRY_FILE)}: ${bundles.length} models`);
}
