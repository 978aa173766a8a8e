import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { answerOf, askEngine, type EngineAnswer } from './ask-engine.ts';
import { distance, readGolden } from './golden.ts';

// A machine without a GPU has Chromium's: SwiftShader, a Vulkan device in software, and the loader beside it.
const CHROMIUM = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
const ICD = 'vk_swiftshader_icd.json';
const folder = CHROMIUM.find((each) => existsSync(join(each, ICD)));

function onSoftware(which: 'network' | 'whole'): EngineAnswer {
  if (folder === undefined) throw new Error(`Expected ${ICD} in one of ${CHROMIUM.join(', ')}`);
  const env = {
    VK_DRIVER_FILES: join(folder, ICD),
    VK_ICD_FILENAMES: join(folder, ICD),
    LD_LIBRARY_PATH: folder,
  };
  return answerOf('onnxruntime-webgpu', which, env);
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
  const [gpu, cores] = [onSoftware('whole'), answerOf('onnxruntime', 'whole')];
  expect(cores.engine).toBe('onnxruntime');
  expect(gpu.means.filter(Boolean).length).toBeGreaterThan(0);
  cores.answers.forEach((each, i) => {
    expect(distance(gpu.answers[i]!, each)).toBeLessThan(1e-5);
    expect(distance(gpu.means[i] ?? {}, cores.means[i] ?? {})).toBeLessThan(1e-5);
  });
});

test('without a GPU it says what it wants', () => {
  const none = { VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' };
  const { answered, stderr } = askEngine('onnxruntime-webgpu', 'network', none);
  expect(answered).toBeNull();
  expect(stderr).toMatch(/Expected a GPU for the engine onnxruntime-webgpu/);
});
