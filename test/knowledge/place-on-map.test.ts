import { expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { placeOnMap } from '../../src/knowledge/place-on-map.ts';
import { openChain } from '../../src/threads/open-chain.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { exampleJudged, exampleRecord } from '../producers/example-outcomes.ts';

const map = {
  element: ['Co'],
  x: [1],
  y: [2],
  labels: {},
  locate: (_: ArrayLike<number>, element: string) => (element === 'Co' ? { x: 1, y: 2 } : null),
};
const { judgement } = exampleJudged(0);
const placed = (element: string, outOfDistributionScore: number, of: typeof map | null = map) =>
  placeOnMap(of, [], element, { ...judgement, outOfDistributionScore, outOfDistributionLimit: 1 });

test('a scan lies where the map says, up to the limit of what the model knows', () => {
  expect(placed('Co', 0)).toEqual({ x: 1, y: 2 });
  expect(placed('Co', 1)).toEqual({ x: 1, y: 2 });
});

test('one that is unlike all that the model knows lies nowhere', () => {
  expect(placed('Co', 1.01)).toBeNull();
  expect(placed('Co', Number.POSITIVE_INFINITY)).toBeNull();
  expect(placed('Co', Number.NaN)).toBeNull();
});

test('nor does one of an element that the map does not show, or of a model without a map', () => {
  expect(placed('Zn', 0)).toBeNull();
  expect(placed('Co', 0, null)).toBeNull();
});

test('events of the shipped model: cobalt oxide lands among cobalt, a step without structure nowhere', async () => {
  const scan = exampleScan('cell', 0);
  const step = { ...scan, mu: scan.energyEv.map((ev) => 0.5 + Math.atan((ev - 7720) / 2) / Math.PI) };
  const records = [scan, step].map((each, i) => ({
    ...exampleRecord(i),
    value: encodeScan(each).value,
    headers: {},
  }));
  const settings = { modelDir: 'models/spt', engine: 'onnxruntime', engineThreads: 1, maxBatch: 2 } as const;
  const chain = await openChain(settings, Date.now, () => {});
  const [oxide, unlike] = (await chain.run(records)).flat().map((outcome) => {
    if (outcome.kind !== 'descriptors') throw new Error(outcome.reject.detail);
    return decodeDescriptors(outcome.value);
  });
  await chain.close();
  const { element, x, y } = openBundle('models/spt').map!;
  const { x: atX, y: atY } = oxide!.mapPosition!;
  const near = element.map((name, i) => ({ name, distance: Math.hypot(x[i]! - atX, y[i]! - atY) }));
  expect(
    near
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 5)
      .map(({ name }) => name),
  ).toContain('Co');
  expect(near[0]!.distance).toBeLessThan(0.5);
  expect(unlike!.novelty).toBeGreaterThan(unlike!.noveltyLimit);
  expect(unlike!.mapPosition).toBeNull();
});
