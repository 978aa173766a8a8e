import { expect, test } from '@jest/globals';
import { modelFolder } from '../../src/cli/model-folder.ts';

test('a model is named by its folder under models/, or by any folder', () => {
  expect(modelFolder('spt')).toBe('models/spt');
  expect(modelFolder('models/spt')).toBe('models/spt');
  expect(() => modelFolder('nonesuch')).toThrow(
    'Expected --model to name a folder with a bundle.json, or one under models/, got nonesuch',
  );
  expect(() => modelFolder('nonesuch', 'base')).toThrow('Expected --base to name a folder');
});
