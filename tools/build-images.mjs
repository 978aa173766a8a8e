// Plain JavaScript beside the other tools: it runs where Node and podman are, without an image registry.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readArguments } from './arguments.mjs';
import { fetchNode } from './fetch-node.mjs';
import { setUp } from './set-up.mjs';
import { at, capture, step } from './steps.mjs';

const HELP = `node tools/build-images.mjs: builds the images of the Dockerfile by podman, without a Docker engine.

The base image is the Dockerfile's own where this machine has it (podman pull). Where it has not, one like it is made
here of Debian's packages and of the Node that npm has, so that no image registry is needed: as root, on Debian. It is
another image than the one that Docker would fetch: the same release of Debian and of Node, packed by others.

Built are localhost/xanes-stream and localhost/xanes-stream-replay.`;

/** Below any machine's hard limits; podman's defaults are above those of many. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  readArguments(HELP);
  try {
    const { images, base } = await buildImages();
    console.log(`Built ${Object.values(images).join(' and ')} on ${base}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Builds both images; installs podman and what else is missing, or says what to install.
 * @returns images by the target of the Dockerfile; what they are built on; what podman is to be called with: `global`
 *   before its command, `limits` of a container
 */
export async function buildImages() {
  await setUp(['containers']);
  const [name, node, release] = baseImage();
  const own = await succeeds('podman', ['image', 'exists', `docker.io/library/${name}`]);
  const base = own ? `docker.io/library/${name}` : `localhost/xanes-stream-base:${node}-${release}`;
  if (!own && !(await succeeds('podman', ['image', 'exists', base])))
    await step(`base image of Debian ${release} and Node ${node}`, () => makeBase(base, node, release));
  const global = await runtimeThatWorks(base);
  const images = {};
  for (const target of ['services', 'replay']) {
    images[target] = `localhost/xanes-stream${target === 'services' ? '' : `-${target}`}`;
    await step(`image ${images[target]}`, () => build(global, base, target, images[target]));
  }
  return { images, base, global, limits: LIMITS };
}

/** [name, version of Node, release of Debian] of the Dockerfile's first FROM. */
function baseImage() {
  const found = /^FROM (node:([\d.]+)-(\w+)-slim)/m.exec(readFileSync(at('Dockerfile'), 'utf8'));
  if (!found) throw new Error('Expected the Dockerfile to begin with FROM node:VERSION-RELEASE-slim');
  return found.slice(1);
}

async function makeBase(image, node, release) {
  const { node: program, npm } = await fetchNode(node);
  const folder = mkdtempSync(join(tmpdir(), 'base-image-'));
  const root = join(folder, 'root');
  const into = (...path) => join(root, 'usr/local', ...path);
  try {
    await capture('debootstrap', ['--variant=minbase', release, root]);
    await capture('cp', [program, into('bin')]);
    await capture('mkdir', ['-p', into('lib/node_modules')]);
    await capture('cp', ['-r', npm, into('lib/node_modules')]);
    for (const name of ['npm', 'npx'])
      await capture('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, into('bin', name)]);
    await capture('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
    const archive = join(folder, 'root.tar');
    await capture('tar', ['-C', root, '-cf', archive, '.']);
    await capture('podman', ['import', archive, image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** crun, which podman takes by itself, refuses machines with both kinds of control groups; runc does not. */
async function runtimeThatWorks(image) {
  const failures = [];
  for (const global of [[], ['--runtime', 'crun'], ['--runtime', 'runc']]) {
    try {
      await capture('podman', [...global, 'run', '--rm', '--network', 'host', ...LIMITS, image, 'true']);
      return global;
    } catch (error) {
      failures.push(error.message.trim());
    }
  }
  throw new Error(`Expected podman to run a container of ${image}:\n${failures.join('\n')}`);
}

/** The settings and authorities of this machine's npm are there while it is built, and stay out of the image. */
async function build(global, base, target, image) {
  const folder = mkdtempSync(join(tmpdir(), 'build-image-'));
  try {
    const files = await Promise.all(
      ['globalconfig', 'userconfig'].map((key) => capture('npm', ['config', 'get', key])),
    );
    const settings = files.map((file) => file.trim()).filter(existsSync);
    const npmrc = join(folder, 'npmrc');
    const authority = process.env.NODE_EXTRA_CA_CERTS && realpathSync(process.env.NODE_EXTRA_CA_CERTS);
    const lines = settings.map((file) => readFileSync(file, 'utf8'));
    writeFileSync(npmrc, `${[...lines, ...(authority ? [`cafile=${authority}`] : [])].join('\n')}\n`);
    const mounts = [
      `${npmrc}:/root/.npmrc:ro`,
      ...(authority ? [`${dirname(authority)}:${dirname(authority)}:ro`] : []),
    ];
    await capture('podman', [
      ...[...global, 'build', '--network', 'host', ...LIMITS, '--from', base],
      ...mounts.flatMap((mount) => ['--volume', mount]),
      ...['--target', target, '--tag', image, at()],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function succeeds(command, args) {
  return capture(command, args).then(
    () => true,
    () => false,
  );
}
