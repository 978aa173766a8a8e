import { expect, test } from '@jest/globals';
import {
  blendNeighbours,
  findNeighbours,
  type NeighbourIndex,
  pointOf,
  shapeOf,
} from '../../src/model/neighbour-index.ts';
import { parseNeighbourIndex } from '../../src/model/parse-neighbour-index.ts';
import { seededRandom } from '../../workbench/data/random.ts';

const nearness = { reach: 1, range: 1e6 };
const INDEX: NeighbourIndex = {
  representation: { center: Float32Array.of(1, 0, 0), axes: Float32Array.of(2, 0, 0, 0, 1, 0) },
  spectrum: {
    bins: [1, 2],
    gainBins: [2, 3],
    center: Float32Array.of(0.5, 1),
    axes: Float32Array.of(10, 0, 0, 5),
  },
  neighbours: 2,
  share: 0.5,
  together: nearness,
  alone: nearness,
  elements: new Map([
    [
      'Cu',
      {
        points: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 50, 50),
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

/** Half as high before the gain bins as in them: on the spectrum's axis at 0. */
const copper = spectrum([0, 1, 2, 2]);

function spectrum(mu: readonly number[], mask = mu.map(() => 1)) {
  return { element: 'Cu', edge: 'K', mu: Float32Array.from(mu), mask: Float32Array.from(mask) };
}

test('a point is spectrum and representation, from their centres, along their axes', () => {
  const point = pointOf(INDEX, [2, 3, 9], Float32Array.of(0.8, 2));
  [3, 5, 2, 3].forEach((place, axis) => {
    expect(point[axis]).toBeCloseTo(place, 5);
  });
  expect([...pointOf(INDEX, [2, 3, 9], null)]).toEqual([0, 0, 2, 3]);
});

test('a spectrum is read over its mean in the gain bins, and sets spectra apart as the representation does', () => {
  expect(shapeOf(INDEX.spectrum, spectrum([7, 1.6, 2, 2]))).toEqual(Float32Array.of(0.8, 1));
  expect(shapeOf(INDEX.spectrum, spectrum([7, 3.2, 4, 4]))).toEqual(Float32Array.of(0.8, 1));
  const near = { ...INDEX, together: { reach: 1, range: 5 } };
  const found = findNeighbours(near, INDEX.elements.get('Cu')!, [3, 0, 0], spectrum([7, 1.6, 2, 2]));
  // 4 in the representation and 3 in the spectrum
  expect(found.rows.map(({ row }) => row)).toEqual([0, 1]);
  expect(found.share).toBeCloseTo(0.5 / Math.E, 5);
  expect(found.flops).toBe(3 * (4 + 4 + 6 + 4)); // the third spectrum is not compared
});

test('those found are the nearest of all, in representation and spectrum or in the representation alone', () => {
  const random = seededRandom(7);
  const rows = Array.from({ length: 300 }, () => Array.from({ length: 4 }, () => random.normal()));
  rows.sort((a, b) => a[2]! - b[2]!);
  const indexed = { points: Float32Array.from(rows.flat()), labels: {} };
  const neighbourIndex = { ...INDEX, neighbours: 9 };
  for (let query = 0; query < 50; query++) {
    const embedding = [1 + random.normal(), random.normal(), 0];
    const whole = spectrum([0, 1 + 0.2 * random.normal(), 2, 2]);
    for (const scan of [whole, { ...whole, mask: Float32Array.of(1, 0, 1, 1) }]) {
      const point = pointOf(neighbourIndex, embedding, shapeOf(neighbourIndex.spectrum, scan));
      const axes = scan === whole ? [0, 1, 2, 3] : [2, 3];
      const distance = (row: number) =>
        axes.reduce((sum, axis) => sum + (Math.fround(rows[row]![axis]!) - point[axis]!) ** 2, 0);
      const nearest = [...rows.keys()].sort((a, b) => distance(a) - distance(b)).slice(0, 9);
      expect(findNeighbours(neighbourIndex, indexed, embedding, scan).rows.map(({ row }) => row)).toEqual(
        nearest,
      );
    }
  }
});

test('of a scan that lacks a bin the representation alone is compared, with a nearness of its own', () => {
  const short = spectrum([0, 1, 2, 2], [1, 1, 1, 0]);
  expect(shapeOf(INDEX.spectrum, short)).toBeNull();
  const neighbourIndex = { ...INDEX, alone: { reach: 1, range: 1e-3 } };
  const beside = { ...prediction, embedding: Float32Array.of(1.05, 0, 7) };
  expect(blendNeighbours(neighbourIndex, beside, short).outputs.CN).toEqual(prediction.outputs.CN);
  expect(blendNeighbours(neighbourIndex, beside, copper).outputs.CN).not.toEqual(prediction.outputs.CN);
});

test('half of the answer is what the nearest are, the nearest counting most; what they do not know is left out', () => {
  const { outputs } = blendNeighbours(INDEX, prediction, copper);
  const far = Math.exp(-1) / (1 + Math.exp(-1)); // vote of the second, at distance 1
  const { OS, CN, NNRS, MOOD } = outputs as typeof prediction.outputs;
  [0.3, 0.1 + 0.5 * (1 - far), 0.1 + 0.5 * far].forEach((p, i) => {
    expect(OS.probabilities[i]).toBeCloseTo(p, 6);
  });
  // The nearest has no CN: its part is the network's.
  expect(CN.probabilities[1]).toBeCloseTo(0.3 * (1 - 0.5 * far) + 0.5 * far, 6);
  const near = (1 - far) * 0.1 + far * 0.2;
  expect(NNRS.mean).toBeCloseTo(0.5 * 0.4 + 0.5 * near, 6);
  expect(NNRS.sigma).toBeGreaterThan(0.1); // the two disagree
  expect(MOOD).toEqual(prediction.outputs.MOOD);
});

test('what is not finite is near to nothing, and does not keep the search from its end', () => {
  const lost = { ...prediction, embedding: Float32Array.of(Number.NaN, 0, 0) };
  expect(blendNeighbours(INDEX, lost, copper)).toEqual(lost);
});

test('where neighbours agree with the network, it becomes surer', () => {
  const known = { ...prediction, outputs: { NNRS: { kind: 'real' as const, mean: 0.1, sigma: 0.02 } } };
  const { NNRS } = blendNeighbours({ ...INDEX, neighbours: 1 }, known, copper).outputs;
  expect(NNRS).toMatchObject({ mean: expect.closeTo(0.1, 6), sigma: expect.closeTo(0.02 * Math.SQRT1_2, 6) });
});

test('far from all neighbours, and for an element without any, the network speaks alone', () => {
  const away = { ...prediction, embedding: Float32Array.of(1000, 0, 0) };
  expect(
    blendNeighbours({ ...INDEX, together: { reach: 1, range: 1 } }, away, copper).outputs.CN,
  ).toMatchObject({
    probabilities: prediction.outputs.CN.probabilities,
  });
  expect(blendNeighbours(INDEX, prediction, { ...copper, element: 'Fe' })).toBe(prediction);
});

test('is read as it was written, and refused where the files do not fit each other', () => {
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4, 2, Number.NaN).buffer);
  const file = {
    madeFor: { 'weights.bin': 'a'.repeat(64) },
    places: ['spectrum', 'representation'],
    representation: { center: [0, 0], axes: [[1, 0]] },
    spectrum: { center: [1], axes: [[3]], bins: [5, 5], gainBins: [5, 6] },
    neighbours: 2,
    share: 0.5,
    together: { reach: 1, range: 2 },
    alone: { reach: 3, range: 4 },
    elements: [{ element: 'Cu', spectra: 2, descriptors: ['OS'] }],
  };
  const neighbourIndex = parseNeighbourIndex(JSON.stringify(file), bytes);
  expect(neighbourIndex).toMatchObject({ spectrum: { bins: [5, 5] }, alone: { range: 4 } });
  expect([...neighbourIndex.elements.get('Cu')!.points]).toEqual([1, 2, 3, 4]);
  expect([...neighbourIndex.elements.get('Cu')!.labels.OS!]).toEqual([2, Number.NaN]);
  const refused = (change: object, because: string) => {
    expect(() => parseNeighbourIndex(JSON.stringify({ ...file, ...change }), bytes)).toThrow(because);
  };
  refused({ elements: [] }, 'Expected 0 numbers in neighbours.bin, got 6');
  refused({ representation: { center: [0, 0], axes: [[1]] } }, 'axes as long as the center');
  refused(
    { spectrum: { ...file.spectrum, axes: [[3], [4]] } },
    'Expected 8 numbers in neighbours.bin, got 6',
  );
  refused({ places: undefined }, 'places');
  refused({ madeFor: undefined }, 'madeFor');
});
