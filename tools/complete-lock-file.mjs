// node tools/complete-lock-file.mjs: adds what npm leaves out of package-lock.json when its registry mirror lacks other
// platforms' packages.
// `npm ci` then refuses the file everywhere, because those packages are named by others as optional dependencies.
// Their platforms follow from their names; npm fetches an entry only on a platform that matches.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './arguments.mjs';

readArguments(`node tools/complete-lock-file.mjs: adds to package-lock.json what npm leaves out when its registry mirror
lacks other platforms' packages.`);

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = join(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = missingEntries(lock.packages);
// The root entry has the empty name and stays first.
lock.packages = Object.fromEntries(
  Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
if (Object.keys(added).length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${Object.keys(added).length} entries added`);

function missingEntries(packages) {
  const missing = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const held = Object.keys(packages).some(
        (each) => each === `node_modules/${name}` || each.endsWith(`/node_modules/${name}`),
      );
      if (held) continue;
      if (!/^\d+\.\d+\.\d+$/.test(version))
        throw new Error(`Expected ${path} to name one version of ${name}, got ${version}`);
      missing[`node_modules/${name}`] = {
        version,
        ...platform(name),
        ...(dev ? { dev } : {}),
        optional: true,
      };
    }
  }
  return missing;
}

function platform(name) {
  const words = name.split(/[/.-]/);
  const system = SYSTEMS.find((each) => words.includes(each));
  const processor = PROCESSORS.find((each) => words.includes(each));
  if (!system || !processor) throw new Error(`Expected ${name} to name a system and a processor`);
  const musl = words.some((word) => word.startsWith('musl'));
  const libc = system === 'linux' ? { libc: [musl ? 'musl' : 'glibc'] } : {};
  return { cpu: [processor], ...libc, os: [system] };
}
