import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { pack } from '../../../src/model/load-model.ts';
import { graphOf } from '../../../src/model/network.ts';
import { ARCHITECTURES } from '../../../src/model/network-config.ts';
import { onnxruntimeEngine } from '../../../src/model/onnxruntime-engine.ts';
import { tfjsEngine } from '../../../src/model/tfjs-engine.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { bodyOf } from '../../../workbench/training/body-of.ts';
import { exportNetwork } from '../../../workbench/training/export-network.ts';
import { exportOnnx, parametersOf } from '../../../workbench/training/save-model.ts';
import { distance, readGolden, WEIGHTS } from '../../model/golden.ts';

const { manifest } = openBundle(WEIGHTS);
const inputs = readGolden().map(({ input }) => input);

// Channels that fill no block of eight, and windows from no neighbour to a fifth of the axis.
test.each(
  ARCHITECTURES.flatMap((architecture) => {
    const windows = architecture === 'spt' ? [0.1, 2, 12] : [2];
    const channels = architecture === 'spt' ? [8, 24] : [8, 12];
    return windows.flatMap((windowEv) => channels.map((of) => ({ architecture, windowEv, channels: of })));
  }),
)(
  '$architecture with $channels channels and windows of $windowEv eV answers in ONNX as in tfjs',
  async (of) => {
    const config = { ...manifest.network, ...of, features: 24 };
    const random = seededRandom(1);
    const weights = new Map(
      parametersOf(config).map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, Float32Array.from({ length: size }, () => 0.2 * random.normal())];
      }),
    );
    const engines = [
      await onnxruntimeEngine(exportOnnx(config, weights), config),
      tfjsEngine('tfjs-node', config, weights, graphOf(config, bodyOf(config))),
    ];
    const [exported, computed] = await Promise.all(engines.map((engine) => engine.run(pack(inputs, config))));
    const plain = (outputs: typeof exported) =>
      Object.fromEntries(Object.entries(outputs!).map(([name, values]) => [name, [...values]]));
    expect(Object.keys(exported!).sort()).toEqual(Object.keys(computed!).sort());
    expect(distance(plain(exported), plain(computed))).toBeLessThan(2e-5);
    for (const engine of engines) await engine.close();
  },
);

test('a weight that is missing is named', () => {
  expect(() =>
    exportNetwork('small', { x: 2 }, new Map(), (ops, { x }) => ({
      y: ops.matMul(x, ops.parameter('kernel', [2, 1], 'glorot')),
    })),
  ).toThrow('Expected weights to hold kernel');
});
