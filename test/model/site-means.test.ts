import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import { MEAN_NAMES } from '../../src/messages/prediction.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { EXACT_SCALE_EV } from '../../src/messages/prepared.ts';
import { checkPrediction } from '../../src/model/check-prediction.ts';
import type { EngineName } from '../../src/model/engine.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import { readSites, toInput } from '../../workbench/data/dataset.ts';
import { distance, numbersOfMeans, readGolden, WEIGHTS } from './golden.ts';

const bundle = { ...openBundle(WEIGHTS, { gate: 'optional' }), neighbourIndex: null };
const golden = readGolden().map(({ input }) => input);
/** Of every metal among the golden vectors, whole and cut short, with energies known from well to badly. */
const inputs = golden
  .filter(({ element }) => element !== 'O')
  .flatMap((input, i): ModelInput[] => [
    { ...input, energySigmaEv: [0.2, 0.5, 1, 3][i % 4]! },
    { ...input, mask: input.mask.map((value, bin) => (bin < 80 ? value : 0)), energySigmaEv: 0.8 },
  ]);

const read = ({ siteMeans }: Prediction): Record<string, readonly number[]> => numbersOfMeans(siteMeans!);
const models = new Map<EngineName, Model>();
beforeAll(async () => {
  for (const engine of ['onnxruntime', 'tfjs-node', 'tfjs'] as const)
    models.set(engine, await loadModel(bundle, { engine }));
});
afterAll(async () => {
  for (const model of models.values()) await model.close();
});
const predict = (engine: EngineName, of: readonly ModelInput[]) => models.get(engine)!.predict(of);

test('the shipped model reads means, of the classes that it was trained on', async () => {
  expect(models.get('onnxruntime')!.readsMeans).toBe(true);
  const [first] = await predict('onnxruntime', inputs);
  for (const name of MEAN_NAMES) {
    const { classes, shares, within, mean, sigma, mixed } = first!.siteMeans![name];
    expect(classes).toEqual(bundle.siteMeans!.config.classes[name]);
    expect([shares.length, within.length]).toEqual([classes.length, classes.length + 1]);
    for (const probabilities of [shares, within])
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    expect(mean).toBeCloseTo(
      classes.reduce((sum, value, i) => sum + value * shares[i]!, 0),
      4,
    );
    expect(sigma).toBeGreaterThan(0);
    expect(mixed).toBeGreaterThanOrEqual(0);
    expect(mixed).toBeLessThanOrEqual(1);
  }
});

test.each<EngineName>(['tfjs-node', 'tfjs'])('%s reads what onnxruntime reads', async (engine) => {
  const [ours, theirs] = [await predict(engine, inputs), await predict('onnxruntime', inputs)];
  expect(inputs.length).toBeGreaterThan(8);
  ours.forEach((prediction, i) => {
    expect(distance(read(prediction), read(theirs[i]!))).toBeLessThan(1e-5);
  });
});

describe.each<EngineName>(['onnxruntime', 'tfjs-node', 'tfjs'])('%s', (engine) => {
  test.each(engine === 'tfjs' ? [3] : [2, 7, 64])(
    'a reading does not depend on its mates in a batch of %i',
    async (size) => {
      const known = inputs.slice(0, 5);
      const alone: Record<string, readonly number[]>[] = [];
      for (const input of known) alone.push(read((await predict(engine, [input]))[0]!));
      const order = Array.from({ length: size }, (_, i) => (3 * i) % known.length);
      const together = await predict(
        engine,
        order.map((index) => known[index]!),
      );
      expect(together).toHaveLength(size);
      together.forEach((prediction, i) => {
        expect(distance(read(prediction), alone[order[i]!]!)).toBeLessThan(1e-5);
      });
    },
  );

  test('what stands in a bin that was not measured changes nothing', async () => {
    const cut = inputs.slice(0, 4).map((input) => ({
      ...input,
      mask: input.mask.map((value, i) => (i < 70 ? value : 0)),
    }));
    const filled = (rubbish: number) =>
      cut.map((input) => ({ ...input, mu: input.mu.map((v, i) => (input.mask[i] === 0 ? rubbish : v)) }));
    const zeros = await predict(engine, filled(0));
    const rubbish = await predict(engine, filled(Number.NaN));
    expect(rubbish.map(read)).toEqual(zeros.map(read));
  });

  test('a dead, an inverted and a huge scan is answered with finite numbers', async () => {
    const [input] = inputs;
    const odd = [0, -1, 1e6].map((factor) => ({ ...input!, mu: input!.mu.map((value) => value * factor) }));
    for (const prediction of await predict(engine, odd)) {
      expect(Object.values(read(prediction)).flat().every(Number.isFinite)).toBe(true);
      expect(checkPrediction(prediction)).toBe(prediction);
    }
  });

  test('of oxygen no means are read, and its mates keep theirs', async () => {
    const oxygen = golden.find(({ element }) => element === 'O')!;
    const [first, second, third] = await predict(engine, [inputs[0]!, oxygen, inputs[1]!]);
    expect(second).not.toHaveProperty('siteMeans');
    expect(first!.siteMeans).toBeDefined();
    const [alone] = await predict(engine, [inputs[1]!]);
    expect(distance(read(third!), read(alone!))).toBeLessThan(1e-5);
  });

  test("copper is read by its own network, the others by theirs, and what is no oxide by copper's", async () => {
    const mixed = inputs.map((input, i) => ({ ...input, element: i % 3 === 1 ? 'Cu' : 'Co' }));
    const only = async (siteMeans: typeof bundle.siteMeans) => {
      const model = await loadModel({ ...bundle, siteMeans, copperMeans: null }, { engine });
      const predictions = await model.predict(mixed);
      await model.close();
      return predictions.map(read);
    };
    const [theirs, coppers] = [await only(bundle.siteMeans), await only(bundle.copperMeans)];
    const both = (await predict(engine, mixed)).map(read);
    both.forEach((reading, i) => {
      const means = mixed[i]!.element === 'Cu' ? coppers[i]! : theirs[i]!;
      expect(distance(reading, { ...means, outlier: coppers[i]!.outlier! })).toBeLessThan(1e-5);
      expect(distance(coppers[i]!, theirs[i]!)).toBeGreaterThan(1e-3);
    });
  });

  test('how well energies are known is told, and a scale that is not in question is exact', async () => {
    const at = async (energySigmaEv?: number) => {
      const { energySigmaEv: _, ...input } = inputs[0]!;
      const told = energySigmaEv === undefined ? input : { ...input, energySigmaEv };
      return read((await predict(engine, [told]))[0]!);
    };
    expect(await at()).toEqual(await at(EXACT_SCALE_EV));
    expect(distance(await at(3), await at(0.2))).toBeGreaterThan(1e-3);
  });
});

test('a mixture of two states is read between them, and as one', async () => {
  const { grid, references } = bundle.manifest;
  const reference = references.find(({ element }) => element === 'Co')!;
  const own = readSites('data/battery-feff10/sites.jsonl')
    .filter(({ element }) => element === 'Co')
    .map((site) => ({ ...toInput(site, reference, grid)!, energySigmaEv: 0.2 }));
  const readMeans = async (of: readonly ModelInput[]) =>
    (await predict('onnxruntime', of)).map(({ siteMeans }) => siteMeans!.OS);
  const states = (await readMeans(own)).map(({ mean }) => mean);
  const [low, high] = [Math.min(...states), Math.max(...states)];
  expect(high - low).toBeGreaterThan(0.8);
  const [first, second] = [own[states.indexOf(low)]!, own[states.indexOf(high)]!];
  const mask = first.mask.map((value, i) => value * second.mask[i]!);
  const mixed = (share: number): ModelInput => ({
    ...first,
    mask,
    mu: first.mu.map((value, i) => (1 - share) * value + share * second.mu[i]!),
  });
  const [pure, half, other] = await readMeans([0, 0.5, 1].map(mixed));
  expect(half!.mean).toBeGreaterThan(pure!.mean + 0.15);
  expect(half!.mean).toBeLessThan(other!.mean - 0.15);
  expect(half!.mixed).toBeGreaterThan(Math.max(pure!.mixed, other!.mixed));
});

test('a mean that is not finite is no prediction', async () => {
  const [prediction] = await predict('onnxruntime', inputs.slice(0, 1));
  const { siteMeans } = prediction!;
  const broken = [
    { mean: Number.NaN },
    { sigma: Number.POSITIVE_INFINITY },
    { mixed: Number.NaN },
    { shares: siteMeans!.CN.shares.map(() => Number.NaN) },
    { within: siteMeans!.CN.within.map((value, i) => (i === 0 ? Number.NaN : value)) },
  ];
  for (const fields of broken) {
    const spoiled = { ...prediction!, siteMeans: { ...siteMeans!, CN: { ...siteMeans!.CN, ...fields } } };
    expect(checkPrediction(spoiled)).toMatchObject({
      kind: 'reject',
      detail: expect.stringContaining('the mean of CN'),
    });
  }
});

test('without that network nothing is read, and classes are those of single sites', async () => {
  const model = await loadModel({ ...bundle, siteMeans: null }, { engine: 'onnxruntime' });
  const [prediction] = await model.predict(inputs.slice(0, 1));
  await model.close();
  expect(model.readsMeans).toBe(false);
  expect(prediction).not.toHaveProperty('siteMeans');
  const [blended] = await predict('onnxruntime', inputs.slice(0, 1));
  const probabilitiesOf = ({ outputs }: Prediction) => {
    const { OS } = outputs;
    return OS?.kind === 'class' ? [...OS.probabilities] : [];
  };
  expect(probabilitiesOf(blended!)).not.toEqual(probabilitiesOf(prediction!));
  expect(blended!.embedding).toEqual(prediction!.embedding);
  expect(blended!.outputs.NNRS).toEqual(prediction!.outputs.NNRS);
});
