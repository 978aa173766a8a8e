import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sha256 } from '../../src/model/manifest.ts';
import { type Memory, place, readMemory, recall } from '../../src/model/memory.ts';

const plane = { center: Float32Array.of(1, 0, 0), axes: Float32Array.of(2, 0, 0, 0, 1, 0) };
const MEMORY: Memory = {
  ...plane,
  hash: '',
  neighbours: 2,
  reach: 1,
  share: 0.5,
  range: 1e6,
  elements: new Map([
    [
      'Cu',
      {
        points: Float32Array.of(0, 0, 0, 1, 50, 50),
        labels: {
          OS: Float32Array.of(2, 3, 1),
          CN: Float32Array.of(Number.NaN, 6, 4),
          NNRS: Float32Array.of(0.1, 0.2, 9),
        },
      },
    ],
  ]),
};
const prediction = {
  outputs: {
    OS: { kind: 'class' as const, classes: [1, 2, 3], probabilities: Float32Array.of(0.6, 0.2, 0.2) },
    CN: { kind: 'class' as const, classes: [4, 6], probabilities: Float32Array.of(0.7, 0.3) },
    NNRS: { kind: 'real' as const, mean: 0.4, sigma: 0.02 },
    MOOD: { kind: 'real' as const, mean: 3, sigma: 0.1 },
  },
  embedding: Float32Array.of(1, 0, 7),
};

test('a place is the representation, from the centre, along the axes', () => {
  expect([...place(plane, [2, 3, 9])]).toEqual([2, 3]);
});

test('half of the answer is what the nearest are, the nearest counting most; what they do not know is left out', () => {
  const { outputs } = recall(MEMORY, prediction, 'Cu');
  const far = Math.exp(-1) / (1 + Math.exp(-1)); // vote of the second, at distance 1
  const { OS, CN, NNRS, MOOD } = outputs as typeof prediction.outputs;
  [0.3, 0.1 + 0.5 * (1 - far), 0.1 + 0.5 * far].forEach((p, i) => {
    expect(OS.probabilities[i]).toBeCloseTo(p, 6);
  });
  expect(CN.probabilities[1]).toBeCloseTo(0.15 + 0.5, 6); // the nearest has no CN
  const near = (1 - far) * 0.1 + far * 0.2;
  expect(NNRS.mean).toBeCloseTo(0.5 * 0.4 + 0.5 * near, 6);
  expect(NNRS.sigma).toBeGreaterThan(0.1); // the two disagree
  expect(MOOD).toEqual(prediction.outputs.MOOD);
});

test('where relatives agree with the network, it becomes surer', () => {
  const known = { ...prediction, outputs: { NNRS: { kind: 'real' as const, mean: 0.1, sigma: 0.02 } } };
  const { NNRS } = recall({ ...MEMORY, neighbours: 1 }, known, 'Cu').outputs;
  expect(NNRS).toMatchObject({ mean: expect.closeTo(0.1, 6), sigma: expect.closeTo(0.02 * Math.SQRT1_2, 6) });
});

test('far from all relatives, and for an element without any, the network speaks alone', () => {
  const away = { ...prediction, embedding: Float32Array.of(1000, 0, 0) };
  expect(recall({ ...MEMORY, range: 1 }, away, 'Cu').outputs.CN).toMatchObject({
    probabilities: prediction.outputs.CN.probabilities,
  });
  expect(recall(MEMORY, prediction, 'Fe')).toBe(prediction);
});

test('is read as it was written, and refused beside other weights or with other bytes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'memory-'));
  try {
    expect(readMemory(directory, 'a'.repeat(64))).toBeNull();
    const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4, 2, Number.NaN).buffer);
    const file = {
      ...{
        modelHash: 'a'.repeat(64),
        hash: sha256(bytes),
        center: [0, 0],
        axes: [
          [1, 0],
          [0, 1],
        ],
      },
      ...{ neighbours: 2, reach: 1, share: 0.5, range: 2 },
      elements: [{ element: 'Cu', spectra: 2, descriptors: ['OS'] }],
    };
    writeFileSync(join(directory, 'memory.json'), JSON.stringify(file));
    writeFileSync(join(directory, 'memory.bin'), bytes);
    const memory = readMemory(directory, 'a'.repeat(64))!;
    expect([...memory.elements.get('Cu')!.points]).toEqual([1, 2, 3, 4]);
    expect([...memory.elements.get('Cu')!.labels.OS!]).toEqual([2, Number.NaN]);
    expect(() => readMemory(directory, 'b'.repeat(64))).toThrow('npm run remember');
    writeFileSync(join(directory, 'memory.bin'), bytes.subarray(4));
    expect(() => readMemory(directory, 'a'.repeat(64))).toThrow('Expected memory.bin with sha256');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
