import { expect, test } from '@jest/globals';
import { overallScore, scoreDescriptors } from '../../../workbench/evaluation/score.ts';

const said = (mean: number) => ({
  outputs: {
    NNRS: { kind: 'real' as const, mean, sigma: 0.1 },
    MOOD: { kind: 'real' as const, mean, sigma: 0.1 },
  },
  embedding: new Float32Array(0),
});

test('a real whose labels are all the same counts for nothing, whatever rounding leaves of their spread', () => {
  const mood = [0.2, 0.5, 0.9];
  for (const constant of [0.5, 0.1]) {
    const scores = scoreDescriptors(
      mood.map((value) => said(value + 0.1)),
      mood.map((MOOD) => ({ NNRS: constant, MOOD })),
    );
    const [, only] = scores;
    expect(scores.map(({ name }) => name)).toEqual(['NNRS', 'MOOD']);
    expect(overallScore(scores)).toBe(only!.kind === 'real' && only!.model.r2);
    expect(overallScore(scores)).toBeGreaterThan(0.5);
  }
});

test('one site alone has no score, nor has a network that says NaN', () => {
  expect(overallScore(scoreDescriptors([said(0.3)], [{ NNRS: 0.2 }]))).toBeNull();
  const two = scoreDescriptors([said(Number.NaN), said(0.3)], [{ NNRS: 0.2 }, { NNRS: 0.3 }]);
  expect(overallScore(two)).toBeNull();
  expect(overallScore([])).toBeNull();
});
