// Puts ONNX Runtime's CUDA 13 provider beside onnxruntime-node's binding, for MODEL_ENGINE=onnxruntime-cuda, from a
// package registry alone: pip fetches the wheel of the same version, whose hash is known, and two of its libraries are
// taken. The package's own install step would fetch the provider for CUDA 12 from elsewhere, and checks no hash.
//   node tools/setup-cuda.mjs [--into FOLDER]
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readArguments } from './arguments.mjs';
import { at, capture, needTools, step } from './steps.mjs';

const VERSION = '1.30.0';
const WHEEL = { python: '3.12', platform: 'manylinux_2_28_x86_64', name: `onnxruntime-gpu==${VERSION}` };
const SHA256 = '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1';
/** The last one tells that all are there. */
const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

const HELP = `Puts ONNX Runtime's CUDA 13 provider beside onnxruntime-node's binding (250 MB, by pip).

  node tools/setup-cuda.mjs [options]

  --into FOLDER  of the package onnxruntime-node [node_modules/onnxruntime-node]
  --help`;
const { values } = readArguments(HELP, { options: { into: { type: 'string' } } });

try {
  await setUpCuda(values.into === undefined ? at('node_modules/onnxruntime-node') : resolve(values.into));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function setUpCuda(folder) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `Expected linux x64, got ${process.platform} ${process.arch}: there is no CUDA provider for it`,
    );
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (version !== VERSION)
    throw new Error(`Expected onnxruntime-node ${VERSION}, whose provider is known here, got ${version}`);
  const home = join(folder, 'bin/napi-v6/linux/x64');
  if (!existsSync(join(home, LIBRARIES.at(-1)))) await fetchInto(home);
  console.log(`ONNX Runtime's CUDA provider is in ${home}`);
}

async function fetchInto(home) {
  needTools({ python3: 'python3-pip', unzip: 'unzip' });
  // Made aside and moved: one that was killed leaves no half of a library.
  const made = join(home, `cuda.${process.pid}`);
  mkdirSync(made);
  try {
    const wheel = await step(`${WHEEL.name} by pip`, () => download(made));
    await capture('unzip', [
      '-qj',
      wheel,
      ...LIBRARIES.map((name) => `onnxruntime/capi/${name}`),
      '-d',
      made,
    ]);
    for (const name of LIBRARIES) renameSync(join(made, name), join(home, name));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** For whatever Python: the wheel is not installed. */
async function download(folder) {
  const { python, platform, name } = WHEEL;
  const only = ['--no-deps', '--only-binary', ':all:', '--python-version', python, '--platform', platform];
  const quietly = ['--quiet', '--disable-pip-version-check'];
  await capture('python3', ['-m', 'pip', 'download', ...quietly, ...only, name, '--dest', folder]);
  const [file] = readdirSync(folder).filter((each) => each.endsWith('.whl'));
  if (file === undefined) throw new Error(`Expected pip to leave a wheel of ${name}, got none`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(folder, file)), hash);
  const got = hash.digest('hex');
  if (got !== SHA256) throw new Error(`Expected ${file} to have the sha256 ${SHA256}, got ${got}`);
  return join(folder, file);
}
