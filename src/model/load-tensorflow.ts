import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { FatalError } from '../common/errors.ts';
import type { Tf } from './tfjs-ops.ts';

export type TensorflowPackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** As tools/bootstrap.mjs names what it sets up. */
const PARTS: Readonly<Record<TensorflowPackage, string>> = {
  '@tensorflow/tfjs-node': 'tensorflow',
  '@tensorflow/tfjs-node-gpu': 'tensorflow-gpu',
};

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * TensorFlow's native binding: as installed by npm, or as built by `npm run setup -- tensorflow`.
 * @throws FatalError when neither is there
 */
export function loadTensorflow(name: TensorflowPackage): Tf {
  const file = resolveTensorflow(name);
  if (file === null) {
    throw new FatalError(
      `Expected ${name} to be built: run "npm run setup -- ${PARTS[name]}", or, where its download can be reached, ` +
        `"npm install --ignore-scripts=false ${name}"`,
    );
  }
  // Removed in Node 23; tfjs-node 4.22 still calls them.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.NVIDIA_TF32_OVERRIDE = '0'; // TensorFlow would take TF32 on a card: up to 7e-3 in a probability
  const tf = createRequire(import.meta.url)(file) as Tf;
  tf.enableProdMode(); // else a second copy of tfjs in the process (the plain engine) is warned of
  return tf;
}

/** The file to load, or null when the package is not there or was installed without its binding. */
export function resolveTensorflow(name: TensorflowPackage): string | null {
  const homes = [ROOT, join(ROOT, '.cache', 'tensorflow', basename(name))];
  for (const home of homes) {
    const folder = join(home, 'node_modules', name);
    if (existsSync(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')))
      return join(folder, 'dist', 'index.js');
  }
  return null;
}
