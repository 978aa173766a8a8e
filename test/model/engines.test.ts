import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import type { EngineName } from '../../src/model/engine.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { distance, numbersOf, readGolden, WEIGHTS } from './golden.ts';

const bundle = openBundle(WEIGHTS, { gate: 'optional' });
/** Golden vectors are of the network alone. */
const network = { ...bundle, neighbourIndex: null, siteMeans: null, copperMeans: null };
const golden = readGolden();
const inputs = golden.map(({ input }) => input);

describe.each<EngineName>(['onnxruntime', 'tfjs-node', 'tfjs'])('%s', (engine) => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel(network, { engine });
  });
  afterAll(() => model.close());

  test('answers the golden vectors', async () => {
    const predictions = await model.predict(inputs);
    predictions.forEach((prediction, i) => {
      expect(distance(numbersOf(prediction), golden[i]!.outputs)).toBeLessThan(1e-5);
    });
  });

  test('the identity is that of the bundle, whatever computes it', () => {
    expect(model.identity).toEqual({ id: 'spt-8', hash: bundle.hash, engine });
  });

  test('a wrong edge step changes nothing', async () => {
    const exact = await model.predict(inputs);
    const wrong = await model.predict(
      inputs.map((input) => ({ ...input, mu: input.mu.map((value) => value * 1.07) })),
    );
    wrong.forEach((prediction, i) => {
      expect(distance(numbersOf(prediction), numbersOf(exact[i]!))).toBeLessThan(1e-4); // rounding of the inputs
    });
  });

  test('what stands in a bin that was not measured changes nothing', async () => {
    const cut = inputs.map((input) => ({
      ...input,
      mask: input.mask.map((value, i) => (i < 70 ? value : 0)),
    }));
    const zeros = await model.predict(
      cut.map((input) => ({ ...input, mu: input.mu.map((v, i) => v * input.mask[i]!) })),
    );
    const rubbish = await model.predict(
      cut.map((input) => ({ ...input, mu: input.mu.map((v, i) => (input.mask[i] === 0 ? Number.NaN : v)) })),
    );
    expect(rubbish.map(numbersOf)).toEqual(zeros.map(numbersOf));
  });

  test('a dead or inverted scan is answered with finite numbers', async () => {
    const [input] = inputs;
    const odd = [0, -1, 1e6].map((factor) => ({ ...input!, mu: input!.mu.map((value) => value * factor) }));
    for (const prediction of await model.predict(odd)) {
      expect(Object.values(numbersOf(prediction)).flat().every(Number.isFinite)).toBe(true);
    }
  });
});

describe.each<EngineName>(['onnxruntime', 'tfjs-node'])('%s in batches', (engine) => {
  let model: Model;
  let alone: Record<string, readonly number[]>[];
  beforeAll(async () => {
    model = await loadModel(network, { engine });
    alone = [];
    for (const input of inputs) alone.push(numbersOf((await model.predict([input]))[0]!));
  });
  afterAll(() => model.close());

  test.each([1, 2, 7, 64, 300])(
    'a prediction does not depend on its mates in a batch of %i',
    async (size) => {
      for (const offset of [0, 3]) {
        const batch = Array.from({ length: size }, (_, i) => (i * 5 + offset) % inputs.length);
        const predictions = await model.predict(batch.map((index) => inputs[index]!));
        expect(predictions).toHaveLength(size);
        predictions.forEach((prediction, i) => {
          expect(distance(numbersOf(prediction), alone[batch[i]!]!)).toBeLessThan(1e-5);
        });
      }
    },
  );

  test('no inputs give no predictions', async () => {
    expect(await model.predict([])).toEqual([]);
  });

  test('an element that it was not made for is the caller’s mistake', async () => {
    await expect(model.predict([{ ...inputs[0]!, element: 'U' }])).rejects.toThrow(
      /element to be one of O, Ti.*got U/,
    );
    await expect(model.predict([{ ...inputs[0]!, mu: new Float32Array(3) }])).rejects.toThrow(
      /160 bins, got 3/,
    );
  });
});

test('auto takes onnxruntime', async () => {
  const model = await loadModel(bundle, { engine: 'auto' });
  await model.warmUp([1, 8]);
  expect(model.identity.engine).toBe('onnxruntime');
  await model.close();
});
