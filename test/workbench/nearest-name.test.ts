import { expect, test } from '@jest/globals';
import { nearestName } from '../../workbench/nearest-name.ts';

const NAMES = ['train', 'transfer', 'fine-tune', 'evaluate', 'evaluate-cross-fit'];

test.each([
  ['trian', 'train'],
  ['finetune', 'fine-tune'],
  ['evaluate-crossfit', 'evaluate-cross-fit'],
  ['evaluation', 'evaluate'],
  ['evaluate', 'evaluate'],
  ['transfr', 'transfer'],
])('%s is nearest to %s', (written, expected) => {
  expect(nearestName(written, NAMES)).toBe(expected);
});

test('none to choose from', () => {
  expect(() => nearestName('train', [])).toThrow('Expected at least one name, got none');
});
