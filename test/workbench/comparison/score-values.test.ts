import { describe, expect, test } from '@jest/globals';
import { scoreValues } from '../../../workbench/comparison/trees/score-values.ts';

describe('scoreValues', () => {
  test('is F1 of classes and R2 of reals over the sites that have the label', () => {
    const labels = [{ OS: 1, NNRS: 0 }, { OS: 2, NNRS: 1 }, { NNRS: 2 }];
    expect(scoreValues({ OS: [1, 2, 5], NNRS: [0, 1, 2] }, labels)).toEqual({ OS: 1, NNRS: 1 });
    expect(scoreValues({ OS: [1, 1, 5], NNRS: [1, 1, 1] }, labels)).toEqual({ OS: 0.3333, NNRS: 0 });
  });

  test('refuses values of other sites', () => {
    expect(() => scoreValues({ OS: [1, 2] }, [{ OS: 1 }])).toThrow('Expected 1 values of OS, got 2');
  });
});
