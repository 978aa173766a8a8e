import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { loadTensorflow } from '../../src/model/load-tensorflow.ts';

const setup = (args: readonly string[], environment: Record<string, string> = {}) =>
  spawnSync(process.execPath, ['tools/setup-tensorflow.mjs', ...args], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });

test('the package that trains is here, with its binding', () => {
  const tf = loadTensorflow('@tensorflow/tfjs-node');
  expect(tf.getBackend()).toBe('tensorflow');
  expect([...tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync()]).toEqual([3, 3, 3, 3]);
});

test('setting up again does nothing', () => {
  // An empty PATH: npm, maven or a compiler could not even be started.
  const { status, stdout } = setup([], { PATH: '' });
  expect(stdout).toMatch(/is ready in/);
  expect(status).toBe(0);
});

test('another package is refused by name', () => {
  const { status, stderr } = setup(['left-pad']);
  expect(stderr).toMatch(/Expected a package of @tensorflow\/tfjs-node, .*got left-pad/);
  expect(status).toBe(2);
});
