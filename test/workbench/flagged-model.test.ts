import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { bundleHash } from '../../src/bundle/bundle.ts';
import { flaggedModel } from '../../workbench/flagged-model.ts';

const { MODEL_REGISTRY } = process.env;
afterEach(() => {
  if (MODEL_REGISTRY === undefined) delete process.env.MODEL_REGISTRY;
  else process.env.MODEL_REGISTRY = MODEL_REGISTRY;
});

test('a command that reads a model takes it by its folder, or by name@hash of the registry', async () => {
  process.env.MODEL_REGISTRY = 'models';
  const hash = bundleHash('models/spt');
  expect(await flaggedModel('spt')).toBe('models/spt');
  expect(await flaggedModel(`spt-8@${hash.slice(0, 12)}`)).toBe(join('models', 'spt'));
  await expect(flaggedModel('spt-8@0123456789')).rejects.toThrow('Expected one model spt-8@0123456789');
  await expect(flaggedModel('nonesuch', 'base')).rejects.toThrow('Expected --base to name a folder');
});
