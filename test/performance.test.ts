import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { benchScans } from '../bench/bench-scans.ts';
import { benchRecord } from '../bench/records.ts';
import { openBundle } from '../src/bundle/bundle.ts';
import type { Prediction } from '../src/messages/prediction.ts';
import type { Prepared } from '../src/messages/prepared.ts';
import { isReject, type Reject } from '../src/messages/reject.ts';
import { loadModel, type Model } from '../src/model/load-model.ts';
import { findNeighbours } from '../src/model/neighbour-index.ts';
import { scanChain } from '../src/scan-chain.ts';
import { firstInflectionOffset } from '../src/spectra/foil-offset.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import { NO_STANDARDS } from '../src/standards/standards-reader.ts';
import { encodeDescriptors } from '../src/wire/descriptors-codec.ts';
import { decodeScan } from '../src/wire/scan-codec.ts';
import { exampleJudged } from './producers/example-outcomes.ts';

// What makes the stream fast, as counts: a machine may be slow, and no count depends on it.

const bundle = openBundle('models/spt');
const prepare = makePrepare(bundle.manifest);
let model: Model;
beforeAll(async () => {
  model = await loadModel(bundle, { engine: 'onnxruntime' });
});
afterAll(() => model.close());

const accepted = (result: Prepared | Reject): Prepared => {
  if (isReject(result)) throw new Error(result.detail);
  return result;
};

/** Arrays of floats that are made while `run` runs, and the numbers in them. */
function arraysMadeBy(run: () => unknown): { arrays: number; numbers: number } {
  const made = { arrays: 0, numbers: 0 };
  const counted = <Type extends typeof Float64Array | typeof Float32Array>(original: Type): Type =>
    new Proxy(original, {
      construct(target, given, newTarget) {
        const array = Reflect.construct(target, given, newTarget) as InstanceType<Type>;
        made.arrays += 1;
        made.numbers += array.length;
        return array;
      },
    });
  const originals = { Float64Array, Float32Array };
  globalThis.Float64Array = counted(originals.Float64Array);
  globalThis.Float32Array = counted(originals.Float32Array);
  try {
    run();
  } finally {
    Object.assign(globalThis, originals);
  }
  return made;
}

describe('preparation', () => {
  test('makes no array but the four of its answer, however long the scan is, and no object a point', () => {
    const scans = [400, 800].map((points) => benchScans('Cu', points)(3));
    for (const scan of scans) accepted(prepare(scan)); // memory that is used again has its size
    for (const scan of scans) {
      const { arrays, numbers } = arraysMadeBy(() => accepted(prepare(scan)));
      const { input, spectrum } = accepted(prepare(scan));
      expect(arrays).toBe(4);
      expect(numbers).toBe(2 * input.mu.length + 2 * spectrum.mu.length);
    }
  });
});

describe('the reference foil', () => {
  test('has its energies looked up once a step, not once for each step of the Gaussian', () => {
    const energyEv = Float64Array.from({ length: 400 }, (_, i) => 8879 + 0.5 * i);
    const mu = energyEv.map((ev) => 0.5 + Math.atan((ev - 8979) / 1.3) / Math.PI);
    let reads = 0;
    const counted = new Proxy(energyEv, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key, target) as unknown;
      },
    });
    expect(firstInflectionOffset(counted, mu, 8979)).toBeCloseTo(0, 3);
    // 177 steps of some 13 reads, and a few more; it was 33,000.
    expect(reads).toBeLessThan(4_000);
  });
});

describe('the neighbour index', () => {
  test('compares few of its spectra by their own numbers', async () => {
    const { neighbourIndex } = model;
    const indexed = neighbourIndex!.elements.get('Cu')!;
    const inputs = Array.from({ length: 50 }, (_, i) => accepted(prepare(benchScans('Cu', 200)(i))).input);
    const predictions = await model.predict(inputs);
    const flops = inputs.map(
      (input, i) => findNeighbours(neighbourIndex!, indexed, predictions[i]!.embedding, input).flops,
    );
    // 4,253 spectra of 28 numbers, three operations each, would be 357,000.
    expect(Math.max(...flops)).toBeLessThan(20_000);
  });
});

describe('encoding', () => {
  test('goes over an event once, however long its spectrum is', () => {
    const judged = exampleJudged(0);
    const mu = new Float32Array(20_000);
    let read = 0;
    const spectrum = {
      energyEv: mu,
      get mu() {
        read += 1;
        return mu;
      },
    };
    encodeDescriptors({ ...judged, prepared: { ...judged.prepared, spectrum } }, 0); // the room for it is made
    read = 0;
    encodeDescriptors({ ...judged, prepared: { ...judged.prepared, spectrum } }, 0);
    expect(read).toBe(1);
  });
});

describe('a micro-batch', () => {
  test('is one call of the model, and one of each other stage a scan', async () => {
    const counts = { decode: 0, prepare: 0, predict: 0, gate: 0, encode: 0 };
    const { prepared, judgement, model: identity } = exampleJudged(0);
    const prediction: Prediction = { outputs: {}, embedding: new Float32Array() };
    const counted = <Result>(stage: keyof typeof counts, result: Result): Result => {
      counts[stage] += 1;
      return result;
    };
    const run = scanChain({
      decode: (record) => counted('decode', decodeScan(record)),
      split: (scan) => [scan],
      prepare: () => counted('prepare', prepared),
      model: {
        identity,
        predict: async (inputs) =>
          counted(
            'predict',
            inputs.map(() => prediction),
          ),
        warmUp: async () => {},
      },
      gate: () => counted('gate', judgement),
      place: () => null,
      readStandards: async () => NO_STANDARDS,
      reference: () => null,
      encode: () => counted('encode', Buffer.alloc(1)),
      nowMs: () => 0,
      onBug: () => {},
    });
    const scanOf = benchScans('Co', 50);
    await run(Array.from({ length: 128 }, (_, i) => benchRecord(scanOf(i), i)));
    expect(counts).toEqual({ decode: 128, prepare: 128, predict: 1, gate: 128, encode: 128 });
  });
});
