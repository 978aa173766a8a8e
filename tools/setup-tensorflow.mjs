// Builds TensorFlow's bindings from package registries alone, into .cache/tensorflow (a later `npm ci` would empty
// node_modules). The package's own install step downloads hundreds of megabytes from a host that an air-gapped beamline
// cannot reach; here libtensorflow comes from Maven Central and the N-API binding is compiled on the spot.
//   node tools/setup-tensorflow.mjs [@tensorflow/tfjs-node]       for training, and for inference on a CPU
//   node tools/setup-tensorflow.mjs @tensorflow/tfjs-node-gpu     the package of GPU users, on the same CPU library
//   node tools/setup-tensorflow.mjs @tensorflow/tfjs-node-gpu --gpu   the same on the library for GPUs
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { needTools } from './steps.mjs';

const VERSION = '4.22.0';
/** libtensorflow 2.10.1, for cores alone and for GPUs: the last part of its name, and how much is fetched. */
const LIBRARIES = { cpu: ['linux-x86_64', '117 MB'], gpu: ['linux-x86_64-gpu', '487 MB'] };
const PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const HELP = `node tools/setup-tensorflow.mjs [${PACKAGES.join(' | ')}] [--gpu]: builds TensorFlow's bindings from
package registries alone, into .cache/tensorflow. With --gpu on the library for GPUs, which takes CUDA 11 and cuDNN 8
where they are, and else the cores.`;
const { positionals, values: flags } = readArguments(HELP, {
  allowPositionals: true,
  options: { gpu: { type: 'boolean', default: false } },
});
const [CLASSIFIER, SIZE] = LIBRARIES[flags.gpu ? 'gpu' : 'cpu'];
const LIBRARY = `org.tensorflow:tensorflow-core-api:0.5.0:jar:${CLASSIFIER}`;
if (positionals.length > 1 || !PACKAGES.includes(positionals[0] ?? PACKAGES[0])) {
  console.error(`Expected a package of ${PACKAGES.join(', ')}, got ${positionals.join(' ')}`);
  process.exit(2);
}

try {
  setup(positionals[0] ?? PACKAGES[0]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function setup(name) {
  const cache = join(ROOT, '.cache', 'tensorflow');
  const home = join(cache, basename(name));
  if (isReady(home)) {
    console.log(`${name} ${VERSION} is ready in ${home}`);
    return;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `Expected linux x64, got ${process.platform} ${process.arch}: install ${name} itself with npm instead`,
    );
  }
  needTools({ mvn: 'maven', 'g++': 'g++', unzip: 'unzip', strip: 'binutils' });

  // Built aside and moved into place in one step: two setups at once, or one that was killed, leave nothing half made.
  const build = join(cache, `${basename(name)}.building-${process.pid}`);
  removeLeftovers(cache, basename(name));
  mkdirSync(build, { recursive: true });
  try {
    installPackage(build, name);
    const folder = join(build, 'node_modules', name);
    placeLibrary(folder);
    compileBinding(build, folder);
    tryOut(build, name);
    writeFileSync(join(build, 'ready'), `${name} ${VERSION}, ${LIBRARY}\n`);
    moveIntoPlace(build, home);
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
  console.log(`${name} ${VERSION} is ready in ${home}`);
}

/** Whether it is there; on the library for GPUs where that is asked for. */
function isReady(home) {
  const file = join(home, 'ready');
  return existsSync(file) && (!flags.gpu || readFileSync(file, 'utf8').trimEnd().endsWith(LIBRARY));
}

/** Half-made folders of setups that were killed. */
function removeLeftovers(cache, name) {
  if (!existsSync(cache)) return;
  for (const folder of readdirSync(cache)) {
    const [, pid] = folder.match(new RegExp(`^${name}\\.building-(\\d+)$`)) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(cache, folder), { recursive: true, force: true });
  }
}

function installPackage(build, name) {
  step(`npm: ${name} ${VERSION} without its install step`);
  writeFileSync(join(build, 'package.json'), '{ "private": true }\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  run('npm', ['install', ...quiet, `${name}@${VERSION}`, 'node-api-headers@1'], { cwd: build });
}

function placeLibrary(folder) {
  step(`Maven Central: ${LIBRARY} (${SIZE}, kept in Maven's own cache)`);
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get';
  run('mvn', ['-q', '-B', plugin, '-Dtransitive=false', `-Dartifact=${LIBRARY}`], {
    env: mavenEnvironment(),
  });
  const target = join(folder, 'deps', 'lib');
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const wanted = ['*/libtensorflow_cc.so.2', '*/libtensorflow_framework.so.2', '*/LICENSE', '*/THIRD_PARTY*'];
  run('unzip', ['-qoj', jarPath(), ...wanted, '-d', target]);
  // The libraries leave the archive read-only; without their symbol tables they are a third smaller.
  for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    run('chmod', ['u+w', join(target, file)]);
    run('strip', ['--strip-unneeded', join(target, file)]);
  }
}

function mavenRepository() {
  return process.env.MAVEN_REPOSITORY ?? join(homedir(), '.m2', 'repository');
}

function mavenEnvironment() {
  const opts = `${process.env.MAVEN_OPTS ?? ''} -Dmaven.repo.local=${mavenRepository()}`.trim();
  return { ...process.env, MAVEN_OPTS: opts };
}

function jarPath() {
  const folder = join(mavenRepository(), 'org', 'tensorflow', 'tensorflow-core-api', '0.5.0');
  const jar = readdirSync(folder).find((file) => file.endsWith(`${CLASSIFIER}.jar`));
  if (jar === undefined) throw new Error(`Expected Maven to leave the ${CLASSIFIER} jar in ${folder}`);
  return join(folder, jar);
}

function compileBinding(build, folder) {
  step('g++: the N-API binding');
  const include = join(build, 'include');
  const forwards = ['c/c_api.h', 'c/tf_datatype.h', 'c/tf_status.h', 'c/tf_tensor.h', 'c/eager/c_api.h'];
  for (const header of [...forwards, 'core/platform/ctstring_internal.h']) {
    const file = join(include, 'tensorflow', header);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#pragma once\n#include "${join(ROOT, 'tools', 'tensorflow-c-api.h')}"\n`);
  }
  const sources = readdirSync(join(folder, 'binding')).filter((file) => file.endsWith('.cc'));
  const output = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  mkdirSync(dirname(output), { recursive: true });
  run('g++', [
    ...['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8'],
    `-I${join(build, 'node_modules', 'node-api-headers', 'include')}`,
    `-I${include}`,
    ...['-o', output],
    ...sources.map((file) => join(folder, 'binding', file)),
    `-L${join(folder, 'deps', 'lib')}`,
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    '-Wl,-z,now', // an absent function fails here, in the try-out, and not in the middle of a training run
  ]);
  rmSync(include, { recursive: true });
}

function tryOut(build, name) {
  step('one matrix product');
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('${name}');
    const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
    if (tf.getBackend() !== 'tensorflow' || product.join() !== '3,3,3,3') throw new Error('wrong product ' + product);
  `;
  run(process.execPath, ['-e', program], { cwd: build, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' } });
}

function moveIntoPlace(build, home) {
  try {
    if (isReady(home)) return; // another setup was faster; its result is as good
    rmSync(home, { recursive: true, force: true });
    renameSync(build, home);
  } catch (error) {
    if (!isReady(home)) throw error;
  }
}

function run(command, parameters, options = {}) {
  try {
    execFileSync(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  } catch (error) {
    const said = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .slice(-8)
      .join('\n');
    throw new Error(`${command} ${parameters[0]} ended with ${error.status ?? error.code}:\n${said}`);
  }
}

function step(text) {
  console.log(`tensorflow  ${text}`);
}
