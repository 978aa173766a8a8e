// npm run licences [-- --all]: the licence of every package that the services load (with --all: of the tools too), from
// what is installed. Exit code 1 when one names no licence, or one that is not on the list below.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readArguments } from './arguments.mjs';

const root = join(import.meta.dirname, '..');
/** Permissive ones, as far as our own Apache-2.0 asks. An OR needs one of them, an AND all. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
  'CC0-1.0',
  'NIST-Software',
]);
const ALLOWED_TOOLS = new Set([
  ...ALLOWED,
  'BlueOak-1.0.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'MPL-2.0',
  'Python-2.0',
]);

/** Packages that name a file in place of a licence, and what stands in it. */
const STATED = new Map([['h5wasm: SEE LICENSE IN LICENSE.txt', 'NIST-Software AND BSD-3-Clause']]); // HDF5 within it

export function isAllowed(licence, allowed = ALLOWED) {
  const parts = licence.replace(/[()]/g, '').split(/ AND /);
  return parts.every((part) => part.split(/ OR /).some((one) => allowed.has(one.trim())));
}

/** [{name, version, licence, dev}], of packages that are installed here. */
export function licences() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link) // not our own
    .flatMap(([path, { version, dev = false }]) => {
      const found = manifest(path);
      if (found === null) return []; // for another platform
      const { license, licenses } = found;
      const name = path.slice(path.lastIndexOf('node_modules/') + 13);
      const named =
        license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none named';
      return [{ name, version, licence: STATED.get(`${name}: ${named}`) ?? named, dev }];
    });
}

function manifest(path) {
  try {
    return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
  } catch {
    return null;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const help = `npm run licences [-- --all]: licences of what the services load; with --all of
what builds and tests them, too. Ends with 1 where one is not on the list.`;
  const { all = false } = readArguments(help, { options: { all: { type: 'boolean' } } }).values;
  const wanted = licences().filter(({ dev }) => all || !dev);
  for (const { name, version, licence } of wanted) console.log(`${licence.padEnd(24)} ${name}@${version}`);
  const bad = wanted.filter(({ licence, dev }) => !isAllowed(licence, dev ? ALLOWED_TOOLS : ALLOWED));
  for (const { name, licence } of bad)
    console.error(`${name}: ${licence} is not on the list in tools/licences.mjs`);
  process.exitCode = bad.length > 0 ? 1 : 0;
}
