import { expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { encodeOnnx } from '../../../workbench/training/onnx-file.ts';

test('what is written is a graph that the runtime reads: every kind of field once', async () => {
  const bytes = encodeOnnx({
    name: 'fields',
    nodes: [
      { opType: 'LeakyRelu', inputs: ['x'], outputs: ['leaky'], attributes: { alpha: { float: 0.25 } } },
      { opType: 'Transpose', inputs: ['leaky'], outputs: ['turned'], attributes: { perm: [1, 0] } },
      { opType: 'Softmax', inputs: ['turned'], outputs: ['shares'], attributes: { axis: -1 } },
      { opType: 'Reshape', inputs: ['shares', 'shape'], outputs: ['flat'], attributes: {} },
      { opType: 'Mul', inputs: ['flat', 'hundred'], outputs: ['y'], attributes: {} },
    ],
    tensors: [
      { name: 'shape', shape: [1], integers: BigInt64Array.of(-1n) },
      { name: 'hundred', shape: [1], floats: Float32Array.of(100) },
    ],
    inputs: [{ name: 'x', shape: [-1, 2] }],
    outputs: [{ name: 'y', shape: [-1] }],
  });
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor('float32', Float32Array.of(-4, 0, 0, Math.log(3)), [2, 2]);
  const y = [...((await session.run({ x })).y!.data as Float32Array)];
  // columns of leaky(x): (-1, 0) and (0, ln 3)
  [100 / (1 + Math.E), (100 * Math.E) / (1 + Math.E), 25, 75].forEach((expected, i) => {
    expect(y[i]).toBeCloseTo(expected, 3);
  });
  await session.release();
});
