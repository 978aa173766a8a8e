// Runs on a machine that has only Node: plain JavaScript, no package, nothing newer than Node 20.12.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HELP = `Sets up what a command needs, each part only when it is missing, then runs it.

  npm run demo [-- FLAGS]      Kafka, Redis, processor, projection, dashboard and a replayed experiment; \`-- --help\` for flags
  npm test [-- PATTERNS]       checks and tests; with patterns only the tests whose path matches one, without the checks
  node tools/bootstrap.mjs services    only sets up what Kafka and Redis need

Missing Debian packages (Java, Maven, Redis; for the tests Chromium and a C++ compiler too) are installed by apt when
this is root or sudo asks no password; otherwise the command to run is printed.
KAFKA_BROKERS and REDIS_URL: use these instead of starting our own.
`;

const root = join(import.meta.dirname, '..');
const at = (...path) => join(root, ...path);

/** A package is missing when none of its commands is found. */
const SERVICE_TOOLS = [
  { commands: ['java'], works: javaIsNewEnough, packages: ['default-jre-headless'], unless: 'KAFKA_BROKERS' },
  { commands: ['mvn'], packages: ['maven'], unless: 'KAFKA_BROKERS' },
  { commands: ['redis-server'], packages: ['redis-server'], unless: 'REDIS_URL' },
];
const TEST_TOOLS = [
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], packages: ['chromium'] },
  { commands: ['g++'], packages: ['g++'] },
  { commands: ['make'], packages: ['make'] },
  { commands: ['unzip'], packages: ['unzip'] },
  { commands: ['objdump'], packages: ['binutils'] },
];

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [command, ...args] = process.argv.slice(2);
  try {
    process.exitCode = await main(command, args);
  } catch (error) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/** Runs one command; resolves to the exit code. */
async function main(command, args) {
  if (command === undefined || command === '--help' || (command === 'test' && args.includes('--help'))) {
    process.stdout.write(HELP);
    return command === undefined ? 2 : 0;
  }
  if (command === 'demo') {
    await installPackages();
    // The demo runs in this process, so that Ctrl-C reaches it first and alone.
    process.argv.splice(1, 2, at('demo/demo.ts'));
    await import('tsx');
    if (!args.includes('--help')) {
      await setUpServices();
      await buildDashboard();
    }
    await import('../demo/demo.ts');
    return process.exitCode ?? 0;
  }
  if (command === 'services') {
    await setUpServices();
    return 0;
  }
  if (command === 'test') return test(args);
  throw new Error(`Expected demo, test or services, got ${command}`);
}

async function test(args) {
  await installPackages();
  await setUpServices(TEST_TOOLS);
  await buildDashboard();
  await setUpTensorflow();
  const patterns = args.length > 0;
  const checks = patterns ? true : await checksPass();

  const file = at('test-results/jest.json');
  rmSync(file, { force: true });
  mkdirSync(at('test-results'), { recursive: true });
  // A test that failed may leave a client or a broker open, which would keep jest for ever: it reports, then it exits.
  const flags = ['--json', `--outputFile=${file}`, '--forceExit'];
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    at('node_modules/jest/bin/jest.js'),
  ];
  // jest prints its JSON to stdout as well; its report goes to stderr, which stays.
  const code = await run(process.execPath, [...jest, ...flags, ...args], {
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  const { passed, failed } = countTests(result, { exitCode: code, checksPassed: checks });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * Counts from jest's own JSON. What failed without being a test counts as one failure each: a suite that could not run
 * or broke outside its tests, checks that failed, and a run that jest itself calls failed. So 0 failed means success.
 */
export function countTests(result, { exitCode, checksPassed }) {
  const broken = (result?.testResults ?? []).filter(
    (suite) => suite.status === 'failed' && !suite.assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const failed = (result?.numFailedTests ?? 0) + broken + (checksPassed ? 0 : 1);
  const failedOtherwise = failed === 0 && (exitCode !== 0 || result?.success !== true);
  return { passed: result?.numPassedTests ?? 0, failed: failed + (failedOtherwise ? 1 : 0) };
}

async function checksPass() {
  const output = await step('checks: format, lint, types, room rules', () =>
    capture('npm', ['run', '-s', 'lint']),
  ).catch((error) => error);
  if (output instanceof Error) console.error(output.message);
  return !(output instanceof Error);
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
  // Nothing here needs an install script, and onnxruntime-node's would look for CUDA libraries on a host of its own.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('npm packages', () => capture('npm', ['ci', ...flags]));
}

async function setUpServices(moreTools = []) {
  const tools = SERVICE_TOOLS.filter(({ unless }) => !process.env[unless]);
  await installTools([...tools, ...moreTools]);
  if (!process.env.KAFKA_BROKERS) await fetchKafka();
}

async function installTools(tools) {
  const missing = () =>
    tools.filter(({ commands, works }) => !commands.some((name) => onPath(name) && (works?.() ?? true)));
  const packages = missing().flatMap((tool) => tool.packages);
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

/** Kafka's jars in .cache/kafka/libs, beside the pom.xml that they came by: another pom.xml fetches them anew. */
async function fetchKafka() {
  const pom = at('demo/services/pom.xml');
  const cache = at('.cache/kafka');
  const same = (file) => existsSync(file) && readFileSync(file, 'utf8') === readFileSync(pom, 'utf8');
  if (same(join(cache, 'pom.xml'))) return;
  // Made aside and moved: two at once, or one that was killed, leave nothing half made.
  const made = at(`.cache/kafka.${process.pid}`);
  const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${join(made, 'libs')}`];
  await step('Apache Kafka from Maven Central', () =>
    retry(3, () => capture('mvn', ['-q', '-B', '-Dstyle.color=never', '-f', pom, ...copy])),
  );
  copyFileSync(pom, join(made, 'pom.xml'));
  if (!same(join(cache, 'pom.xml'))) {
    rmSync(cache, { recursive: true, force: true });
    renameSync(made, cache);
  }
  rmSync(made, { recursive: true, force: true });
}

async function buildDashboard() {
  const built = modified(at('dist/dashboard/index.html'));
  if (!existsSync(at('dashboard/client/index.html'))) return;
  if (Math.max(newest(at('dashboard/client')), newest(at('dashboard/protocol'))) < built) return;
  await step('dashboard', () => capture('npm', ['run', '-s', 'build']));
}

/** The tests that need TensorFlow fail by themselves where it cannot be had. */
async function setUpTensorflow() {
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
    const setUp = () => capture('env', [`PKG=${name}`, process.execPath, at('tools/setup-tensorflow.mjs')]);
    await step(name, setUp).catch((error) => console.error(error.message));
  }
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

function onPath(command) {
  return (process.env.PATH ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, command)));
}

/** Says what is being done, and after a while how long it took; on a terminal the seconds are counted. */
async function step(name, work) {
  const startMs = Date.now();
  const seconds = () => `${Math.round((Date.now() - startMs) / 1000)} s`;
  const { stderr } = process;
  stderr.write(`${name} …`);
  const ticker = stderr.isTTY ? setInterval(() => stderr.write(`\r${name} … ${seconds()}`), 1000) : undefined;
  let end = 'failed';
  try {
    const result = await work();
    end = 'done';
    return result;
  } finally {
    clearInterval(ticker);
    stderr.write(`${stderr.isTTY ? `\r${name} …` : ''} ${end}, ${seconds()}\n`);
  }
}

async function retry(attempts, work) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

/** Output of a command; an Error that ends with its output when it fails. */
async function capture(command, args) {
  let output = '';
  const code = await run(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }, (chunk) => {
    output += chunk;
  });
  if (code !== 0) throw new Error(`${output.slice(-8000)}\nFailed: ${[command, ...args].join(' ')}`);
  return output;
}

/** Exit code of a command, which is told when we are. */
function run(command, args, options, onOutput = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options });
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.stdout?.setEncoding('utf8').on('data', onOutput);
    child.stderr?.setEncoding('utf8').on('data', onOutput);
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}
