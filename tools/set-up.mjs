// Runs before anything is installed: plain JavaScript, no package, nothing newer than Node 20.12.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { requireNode } from './node-version.mjs';
import { at, capture, onPath, retry, step } from './steps.mjs';

/** A Debian package is missing when none of its commands is found, or works. */
const JAVA = { commands: ['java'], works: javaIsNewEnough, name: 'default-jre-headless' };
const MAVEN = { commands: ['mvn'], name: 'maven' };
const REDIS = { commands: ['redis-server'], name: 'redis-server' };
const CHROMIUM = { commands: ['chromium', 'chromium-browser', 'google-chrome'], name: 'chromium' };
const PYTHON = { commands: ['python3'], works: pythonHasVenv, name: ['python3', 'python3-venv'] };
const CONTAINERS = [
  { commands: ['podman'], name: 'podman' },
  { commands: ['runc'], name: 'runc' },
  { commands: ['debootstrap'], name: 'debootstrap' },
  { commands: ['catatonit'], name: 'catatonit' }, // podman run --init
];
const UNZIP = { commands: ['unzip'], name: 'unzip' };
const PIP = { commands: ['python3'], works: pythonHasPip, name: ['python3', 'python3-pip'] };
const COMPILER = [{ commands: ['g++'], name: 'g++' }, UNZIP, { commands: ['strip'], name: 'binutils' }];

const TENSORFLOW = { tensorflow: '@tensorflow/tfjs-node', 'tensorflow-gpu': '@tensorflow/tfjs-node-gpu' };

/**
 * Sets up parts of what demo and tests need, each only when it is missing, and says what it does.
 * @param strict whether it is an error that TensorFlow or the data engine's Python cannot be had
 */
export async function setUp(parts, { strict = false } = {}) {
  requireNode();
  await installPackages();
  const fetchesKafka = parts.includes('services') && !process.env.KAFKA_BROKERS && !isFetched(KAFKA);
  const fetchesRegistry = parts.includes('tests') && !isFetched(REGISTRY);
  const bindings = parts.flatMap((part) => TENSORFLOW[part] ?? []).filter((name) => !bindingIsBuilt(name));
  const fetchesCuda = parts.includes('cuda') && !existsSync(CUDA_PROVIDER);
  await installTools([
    ...(parts.includes('tests') || (parts.includes('services') && !process.env.KAFKA_BROKERS) ? [JAVA] : []),
    ...(fetchesKafka || fetchesRegistry || bindings.length > 0 ? [MAVEN] : []),
    ...(parts.includes('services') && !process.env.REDIS_URL ? [REDIS] : []),
    ...(bindings.length > 0 ? COMPILER : []),
    ...(fetchesCuda ? [PIP, UNZIP] : []),
    ...(parts.includes('containers') ? CONTAINERS : []),
    ...(parts.includes('tests') ? [CHROMIUM, ...(pythonIsSetUp() ? [] : [PYTHON])] : []),
  ]);
  if (fetchesKafka) await fetchByMaven(KAFKA);
  if (parts.includes('page')) await buildDashboard();
  if (parts.includes('client')) await buildClient();
  // Tests that need one of what follows fail by themselves where it cannot be had.
  const trySetUp = (name, work) =>
    step(name, work).catch((error) => {
      if (strict) throw error;
      console.error(error.message);
    });
  if (fetchesRegistry) await trySetUp('a schema registry', () => fetchByMaven(REGISTRY, unpackRegistry));
  if (parts.includes('tests') && !pythonIsSetUp()) await trySetUp("the data engine's Python", setUpPython);
  for (const name of bindings) {
    const build = () => capture(process.execPath, [at('tools/setup-tensorflow.mjs'), name]);
    await trySetUp(name, build);
  }
  if (fetchesCuda)
    await trySetUp("ONNX Runtime's CUDA provider", () =>
      capture(process.execPath, [at('tools/setup-cuda.mjs')]),
    );
}

/** `npm ci`, when what lies in node_modules is not what the lock file says. */
async function installPackages() {
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = at('node_modules/.package-lock.json');
  const have = existsSync(installed) ? packages(installed) : {};
  const wanted = Object.entries(packages(at('package-lock.json'))).filter(
    ([path, entry]) => path && !entry.optional,
  );
  if (wanted.every(([path, entry]) => have[path]?.version === entry.version)) return;
  await step('npm packages', () => capture('npm', ['ci', '--loglevel=error'])); // .npmrc: no install scripts
}

async function installTools(tools) {
  const missing = () =>
    tools.filter(({ commands, works }) => !commands.some((name) => onPath(name) && (works?.() ?? true)));
  const packages = missing().flatMap(({ name }) => name);
  if (packages.length === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const byHand = `sudo apt-get update && sudo ${install.join(' ')}`;
  const names = missing().map(({ commands }) => commands[0]);
  const prefix = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  if (process.getuid?.() !== 0) {
    const sudo = onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
    if (!sudo)
      throw new Error(
        `Expected ${names.join(', ')} to be installed, and may not install them. Run:\n  ${byHand}`,
      );
    prefix.unshift('sudo', '-n');
  }
  if (!onPath('apt-get')) {
    throw new Error(
      `Expected ${names.join(', ')} to be installed, and found no apt-get. What Debian would do:\n  ${byHand}`,
    );
  }
  await step(`Debian packages ${packages.join(' ')}`, async () => {
    await capture(prefix[0], [...prefix.slice(1), 'apt-get', 'update']);
    await capture(prefix[0], [...prefix.slice(1), ...install]);
  });
  const still = missing().map(({ commands }) => commands[0]);
  if (still.length > 0)
    throw new Error(
      `Expected ${still.join(', ')} after installing ${packages.join(', ')}; Java must be 17 or newer`,
    );
}

const KAFKA = { name: 'Apache Kafka', pom: at('demo/services/pom.xml'), cache: at('.cache/kafka') };
const REGISTRY = {
  name: 'Apicurio Registry',
  pom: at('demo/services/registry-pom.xml'),
  cache: at('.cache/registry'),
};

/** What Maven brought lies in a folder of .cache, beside the pom.xml that it came by: another pom.xml fetches anew. */
function isFetched({ pom, cache }) {
  const fetched = join(cache, 'pom.xml');
  return existsSync(fetched) && readFileSync(fetched, 'utf8') === readFileSync(pom, 'utf8');
}

/** @param unpack what is done in the folder with the artifacts, which is its `libs` */
async function fetchByMaven(what, unpack = async () => {}) {
  // Made aside and moved: two at once, or one that was killed, leave nothing half made.
  const { name, pom, cache } = what;
  const made = `${cache}.${process.pid}`;
  const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${join(made, 'libs')}`];
  await step(`${name} from Maven Central`, () =>
    retry(3, () => capture('mvn', ['-q', '-B', '-Dstyle.color=never', '-f', pom, ...copy])),
  );
  await unpack(made);
  copyFileSync(pom, join(made, 'pom.xml'));
  if (!isFetched(what)) {
    rmSync(cache, { recursive: true, force: true });
    renameSync(made, cache);
  }
  rmSync(made, { recursive: true, force: true });
}

/** One archive, of which the program is what is needed. */
async function unpackRegistry(folder) {
  const libs = join(folder, 'libs');
  const [archive] = readdirSync(libs);
  await capture('tar', ['-xzf', join(libs, archive), '-C', folder]);
  rmSync(libs, { recursive: true });
}

const REQUIREMENTS = at('workbench/generate/python/requirements.txt');

/** As workbench/generate/python-tools.ts leaves it; its tests and `npm run workbench -- generate` use it. */
function pythonIsSetUp() {
  const ready = at('.cache/engine/python/ready');
  return existsSync(ready) && readFileSync(ready, 'utf8') === readFileSync(REQUIREMENTS, 'utf8');
}

function setUpPython() {
  const file = JSON.stringify(at('workbench/generate/python-tools.ts'));
  const program = `await (await import(${file})).setUpPython();`;
  return capture(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
}

/** As tools/setup-cuda.mjs leaves it. */
const CUDA_PROVIDER = at(
  'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so',
);

/** As tools/setup-tensorflow.mjs leaves it. */
function bindingIsBuilt(name) {
  return existsSync(at('.cache/tensorflow', basename(name), 'ready'));
}

async function buildDashboard() {
  const built = modified(at('dist/dashboard/index.html'));
  if (!existsSync(at('dashboard/client/index.html'))) return;
  if (Math.max(newest(at('dashboard/client')), newest(at('dashboard/protocol'))) < built) return;
  await step('dashboard', () => capture('npm', ['run', '-s', 'build']));
}

async function buildClient() {
  if (newest(at('clients/typescript/src')) < modified(at('clients/typescript/dist/client.js'))) return;
  await step('client package', () => capture('npm', ['run', '-s', 'build', '-w', '@xanes-stream/client']));
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function newest(folder) {
  return Math.max(0, ...readdirSync(folder, { recursive: true }).map((name) => modified(join(folder, name))));
}

function javaIsNewEnough() {
  const { stderr, stdout } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(`${stderr}${stdout}`)?.[1] ?? 0) >= 17;
}

function pythonHasPip() {
  return spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
}

function pythonHasVenv() {
  return spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0;
}
