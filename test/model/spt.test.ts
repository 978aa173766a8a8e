import { expect, test } from '@jest/globals';
import { loadTensorflow } from '../../src/model/load-tensorflow.ts';
import { banded, neighbourhood } from '../../src/model/spt.ts';
import { tfjsOps } from '../../src/model/tfjs-ops.ts';
import { seededRandom } from '../../workbench/data/random.ts';

test('neighbours are the points inside the window, and never beyond the axis', () => {
  // pooled points lie at 0.5, 2.5, 4.5, 9.5 eV
  const { length, reach, linked, missing } = neighbourhood({
    offsetsEv: [0, 1, 2, 3, 4, 5, 9, 10],
    windowEv: 2,
  });
  expect({ length, reach, linked }).toEqual({ length: 4, reach: 1, linked: 3 });
  const near = Array.from({ length: linked }, (_, i) =>
    [...missing.slice(3 * i, 3 * i + 3)].map((v) => v === 0),
  );
  expect(near).toEqual([
    [false, true, true],
    [true, true, true],
    [true, true, false],
  ]);
  expect(() => neighbourhood({ offsetsEv: [0, 1, 2, 3, 4, 5, 9, 10], windowEv: 50 })).toThrow(
    'Expected windowEv to span half of the axis or less, got 50',
  );
});

test('weights of neighbours times values is the sum over the neighbourhood', () => {
  const tf = loadTensorflow('@tensorflow/tfjs-node');
  const ops = tfjsOps(tf, { parameter: () => tf.zeros([1]) });
  const [length, width, d] = [6, 5, 3];
  const random = seededRandom(1);
  const inside = (i: number) => i >= 0 && i < length;
  const alpha = Array.from({ length }, (_, i) =>
    Array.from({ length: width }, (_each, o) => (inside(i + o - 2) ? random.uniform() : 0)),
  );
  const values = Array.from({ length }, () => Array.from({ length: d }, () => random.uniform()));
  const matrix = banded(ops, tf.tensor([alpha]), length, width);
  const product = ops.matMul(matrix, tf.tensor([values])).arraySync() as number[][][];
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < d; k++) {
      const sum = alpha[i]!.reduce((total, a, o) => total + a * (values[i + o - 2]?.[k] ?? 0), 0);
      expect(product[0]![i]![k]).toBeCloseTo(sum, 5);
    }
  }
});
