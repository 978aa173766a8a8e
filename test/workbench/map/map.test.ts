import { describe, expect, test } from '@jest/globals';
import { quantiser } from '../../../src/model/map.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { steps } from '../../../workbench/map/draw-maps.ts';
import { evenSample, fitMap } from '../../../workbench/map/fit-map.ts';
import { mapSvg } from '../../../workbench/map/map-svg.ts';
import { neighbourAgreement } from '../../../workbench/map/neighbour-agreement.ts';
import { mapPositionErrors } from '../../../workbench/map/position-errors.ts';

/** Three kinds of points in five features, well apart. */
const random = seededRandom(3);
const points = Array.from({ length: 48 }, (_, i) =>
  Array.from({ length: 5 }, (_, f) => (f === i % 3 ? 6 : 0) + 0.3 * random.normal()),
);

describe('fitMap', () => {
  const fitted = fitMap(points, 1, 60);

  test('lays like beside like', () => {
    const near = fitted.map((a, i) => {
      const others = fitted.map((b, j) => (i === j ? Infinity : Math.hypot(a.x - b.x, a.y - b.y)));
      return others.indexOf(Math.min(...others)) % 3 === i % 3;
    });
    expect(near.filter(Boolean).length).toBe(48);
  });

  test('is the same for the same seed', () => {
    expect(fitMap(points, 1, 60)).toEqual(fitted);
  });

  test('finds training spectra near their own positions', () => {
    const units = { mean: [0, 0, 0, 0, 0], scale: [2, 2, 2, 2, 2] };
    const rows = points.map((point) => quantiser(units)(point, new Int8Array(point.length)));
    const file = {
      ...units,
      madeFor: { 'weights.bin': 'f'.repeat(64) },
      command: '',
      element: points.map(() => 'Cu'),
      x: fitted.map(({ x }) => x),
      y: fitted.map(({ y }) => y),
      labels: {},
    };
    expect(mapPositionErrors(file, rows).ninth).toBeLessThan(0.3);
  });
});

describe('evenSample', () => {
  const items = [...'aaaaaaaaaabbbbbbbbbbcc'];

  test('takes rare kinds whole and the others in equal number', () => {
    const chosen = evenSample(items, (item) => item, 12, seededRandom(1)).join('');
    expect(chosen).toBe('aaaaabbbbbcc');
  });

  test('takes all where there are not so many', () => {
    expect(evenSample(items, (item) => item, 100, seededRandom(1))).toEqual(items);
  });
});

describe('steps', () => {
  test('are the values where there are few', () => {
    const found = steps([2, 1, 1, 3]);
    expect(found.map(({ label }) => label)).toEqual(['1', '2', '3']);
    expect(found.map(({ holds }) => holds(2))).toEqual([false, true, false]);
  });

  test('are eight ranges of equal number where there are many', () => {
    const found = steps(Array.from({ length: 800 }, (_, i) => i / 1000));
    expect(found.map(({ label }) => label).slice(0, 2)).toEqual(['0 to 0.099', '0.1 to 0.199']);
    expect(found).toHaveLength(8);
    for (const value of [0, 0.4567, 0.799]) {
      expect(found.filter(({ holds }) => holds(value))).toHaveLength(1);
    }
  });
});

describe('mapSvg', () => {
  test('takes a dozen bytes a point', () => {
    const layer = {
      label: 'a < b',
      colour: '#123456',
      points: points.map(([x, y]) => [x!, y!] as const),
    };
    const empty = mapSvg('Title', 'by', [{ ...layer, points: layer.points.slice(0, 2) }]);
    const full = mapSvg('Title', 'by', [layer]);
    expect(full).toContain('a &lt; b');
    expect((full.length - empty.length) / 46).toBeLessThan(18);
    expect(full.match(/M[\d.]+ [\d.]+h0/g)).toHaveLength(48);
  });
});

describe('neighbourAgreement', () => {
  const map = {
    madeFor: { 'weights.bin': 'f'.repeat(64) },
    command: '',
    mean: [],
    scale: [],
    element: ['Cu', 'Cu', 'Cu', 'Ni'],
    x: [0, 1, 5, 4],
    y: [0, 0, 0, 0],
    labels: { OS: [2, 2, 1, 3], NNRS: [0.1, 0.2, 0.3, 0.4] },
  };
  const placed = (x: number, OS?: number) => ({
    site: { element: 'Cu', labels: OS === undefined ? {} : { OS } },
    at: { x, y: 0 },
  });

  test('asks the nearest of the same element, beside the most frequent class', () => {
    expect(neighbourAgreement(map, [placed(4, 1), placed(0.2, 2), placed(0.1, 1), placed(3)])).toEqual([
      { name: 'OS', sites: 3, agreeing: 2 / 3, majority: 1 / 3 },
    ]);
  });
});
