import { describe, expect, test } from '@jest/globals';
import { distanceToTraining, standardised } from '../../src/gating/training-embeddings.ts';
import { normals } from '../spectra/synthetic-edge.ts';

const FEATURES = 40;
const next = normals(3);
const embeddings = Array.from({ length: 50 }, () =>
  Float32Array.from({ length: FEATURES }, (_, i) => 5 + i * next()),
);
const units = {
  mean: Array.from({ length: FEATURES }, () => 5),
  scale: Array.from({ length: FEATURES }, (_, i) => Math.max(i, 1)),
};
const rows = new Map([
  ['Co', Float32Array.from(embeddings.flatMap((each) => [...standardised(each, units)]))],
]);
const trainingEmbeddings = { ...units, rows };

describe('distanceToSupport', () => {
  test('is 0 at a training spectrum', () => {
    for (const embedding of embeddings)
      expect(distanceToTraining(embedding, 'Co', trainingEmbeddings)).toBe(0);
  });

  test('is that of the nearest, in standardised units', () => {
    const query = Float32Array.from({ length: FEATURES }, () => 5 + next());
    const distances = embeddings.map((each) => {
      const squares = each.map((value, i) => ((value - query[i]!) / units.scale[i]!) ** 2);
      return Math.sqrt(squares.reduce((a, b) => a + b, 0) / FEATURES);
    });
    expect(distanceToTraining(query, 'Co', trainingEmbeddings)).toBeCloseTo(Math.min(...distances), 4);
  });

  test('is infinite for an element that training knew nothing of', () => {
    expect(distanceToTraining(embeddings[0]!, 'Zn', trainingEmbeddings)).toBe(Number.POSITIVE_INFINITY);
  });
});
