import { describe, expect, test } from '@jest/globals';
import { fitShapes } from '../../src/gating/fit-shapes.ts';
import { shapeDistance, shapeOf, shapeRanges } from '../../src/gating/shape-distance.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { GRID, normals } from '../spectra/synthetic-edge.ts';

const SPEC = { fromEv: -7, sliceEv: 1.5, slices: 16, scaleFromEv: 8 };
const ranges = shapeRanges(SPEC, GRID.offsetsEv);

function inputOf(mu: (offset: number) => number): ModelInput {
  const values = Float32Array.from(GRID.offsetsEv, mu);
  return { element: 'Co', edge: 'K', mu: values, mask: new Float32Array(values.length).fill(1) };
}
const edgeAt = (middle: number, gain = 1) =>
  inputOf((offset) => gain * (0.5 + Math.atan(offset - middle) / Math.PI));

describe('shapeOf', () => {
  test('covers its range without overlap', () => {
    expect(ranges.slices).toHaveLength(16);
    for (let i = 1; i < 16; i += 1) expect(ranges.slices[i]![0]).toBe(ranges.slices[i - 1]![1]);
    expect(GRID.offsetsEv[ranges.slices[0]![0]]).toBeGreaterThanOrEqual(-7);
    expect(GRID.offsetsEv[ranges.slices[15]![1] - 1]).toBeLessThan(17);
  });

  test('does not change with the edge step, nor with what is masked', () => {
    const shape = shapeOf(edgeAt(0), ranges);
    for (const [i, value] of shapeOf(edgeAt(0, 3), ranges).entries()) expect(value).toBeCloseTo(shape[i]!, 5);
    const masked = edgeAt(0);
    masked.mu[20] = 1000;
    masked.mask[20] = 0;
    for (const [i, value] of shapeOf(masked, ranges).entries()) expect(value).toBeCloseTo(shape[i]!, 1);
  });
});

describe('shapeDistance', () => {
  const next = normals(8);
  const training = Array.from({ length: 400 }, () => shapeOf(edgeAt(0.5 * next()), ranges));
  const fitted = fitShapes(training, 0.01);

  test('is about 1 in the mean square over the spectra it was fitted to', () => {
    const mean =
      training.reduce((sum, shape) => sum + shapeDistance(shape, fitted) ** 2, 0) / training.length;
    expect(mean).toBeGreaterThan(0.1);
    expect(mean).toBeLessThan(1.01);
  });

  test('is larger for an edge elsewhere, and for another form', () => {
    const usual = Math.max(...training.map((shape) => shapeDistance(shape, fitted)));
    expect(shapeDistance(shapeOf(edgeAt(6), ranges), fitted)).toBeGreaterThan(2 * usual);
    const whiteLine = inputOf(
      (offset) => 0.5 + Math.atan(offset) / Math.PI + Math.exp(-(((offset - 3) / 2) ** 2)),
    );
    expect(shapeDistance(shapeOf(whiteLine, ranges), fitted)).toBeGreaterThan(2 * usual);
  });
});
