import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { distance, readGolden } from './golden.ts';

// A machine without a GPU has Chromium's: SwiftShader, a Vulkan device in software, and the loader beside it.
const CHROMIUM = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
const ICD = 'vk_swiftshader_icd.json';
const folder = CHROMIUM.find((each) => existsSync(join(each, ICD)));

type Numbers = Readonly<Record<string, readonly number[]>>;
type Answer = {
  readonly engine: string;
  readonly answers: readonly Numbers[];
  readonly means: readonly Numbers[];
};

function answer(engine: string, which: 'network' | 'whole', env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/model/answer-golden.ts', engine, which],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  );
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  return { answered: line === undefined ? null : (JSON.parse(line) as Answer), stderr };
}

function onSoftware(which: 'network' | 'whole'): Answer {
  if (folder === undefined) throw new Error(`Expected ${ICD} in one of ${CHROMIUM.join(', ')}`);
  const env = {
    VK_DRIVER_FILES: join(folder, ICD),
    VK_ICD_FILENAMES: join(folder, ICD),
    LD_LIBRARY_PATH: folder,
  };
  const { answered, stderr } = answer('onnxruntime-webgpu', which, env);
  if (answered === null) throw new Error(`Expected answers on standard output, got:\n${stderr}`);
  return answered;
}

test('onnxruntime answers the golden vectors by WebGPU', () => {
  const { engine, answers } = onSoftware('network');
  const golden = readGolden();
  expect(engine).toBe('onnxruntime-webgpu');
  expect(answers).toHaveLength(golden.length);
  answers.forEach((each, i) => {
    expect(distance(each, golden[i]!.outputs)).toBeLessThan(1e-5);
  });
});

test('the networks of means and the neighbours beside it give what they give on the cores', () => {
  const [gpu, cores] = [onSoftware('whole'), answer('onnxruntime', 'whole').answered!];
  expect(cores.engine).toBe('onnxruntime');
  expect(gpu.means.filter(Boolean).length).toBeGreaterThan(0);
  cores.answers.forEach((each, i) => {
    expect(distance(gpu.answers[i]!, each)).toBeLessThan(1e-5);
    expect(distance(gpu.means[i] ?? {}, cores.means[i] ?? {})).toBeLessThan(1e-5);
  });
});

test('without a GPU it says what it wants', () => {
  const none = { VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' };
  const { answered, stderr } = answer('onnxruntime-webgpu', 'network', none);
  expect(answered).toBeNull();
  expect(stderr).toMatch(/Expected a GPU for the engine onnxruntime-webgpu/);
});
