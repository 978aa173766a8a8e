import { describe, expect, test } from '@jest/globals';
import { descriptorsOf } from '../../src/messages/descriptor-names.ts';

describe('descriptorsOf', () => {
  test('oxygen has the state of its neighbours and no oxygens around it', () => {
    expect(descriptorsOf('O')).toEqual(['OS', 'CN', 'CN2', 'PSGO', 'NNRS', 'NNOSM']);
  });

  test('every other absorber has the other seven', () => {
    expect(descriptorsOf('Co')).toEqual(['OS', 'CN', 'CN2', 'OCN', 'PSGO', 'NNRS', 'MOOD']);
  });
});
