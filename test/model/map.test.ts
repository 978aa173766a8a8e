import { describe, expect, test } from '@jest/globals';
import { geometricMedian, type MapFile, openMap, parseMap, quantiser } from '../../src/model/map.ts';

/** Cu in two kinds, at 0 and 1 of the first feature and at x = -10 and 10 of the map; one Ni in between. */
const first = [
  ...Array.from({ length: 12 }, (_, i) => 0.01 * i),
  ...Array.from({ length: 12 }, () => 1),
  0.5,
];
const map: MapFile = {
  madeFor: { 'weights.bin': 'a'.repeat(64) },
  command: 'by hand',
  mean: [0.5, 0],
  scale: [0.5, 2],
  element: [...Array.from({ length: 24 }, () => 'Cu'), 'Ni'],
  x: [...Array.from({ length: 12 }, (_, i) => -10 + 0.1 * i), ...Array.from({ length: 12 }, () => 10), 3],
  y: Array.from({ length: 25 }, () => 2),
  labels: { OS: Array.from({ length: 25 }, (_, i) => (i < 12 ? 1 : i < 24 ? 2 : null)) },
};
const quantised = (embedding: readonly number[]) => quantiser(map)(embedding, new Int8Array(2));
const rows = Int8Array.from(first.flatMap((value) => [...quantised([value, 0])]));

describe('locate', () => {
  const { locate } = openMap(map, rows);

  test('puts a scan among its like', () => {
    expect(locate([0.02, 0], 'Cu')!.x).toBeCloseTo(-9.8, 0);
    expect(locate([1, 0.1], 'Cu')).toEqual({ x: 10, y: 2 });
  });

  test('keeps out of the void between two kinds', () => {
    const { x } = locate([0.45, 0], 'Cu')!;
    expect(x).toBeLessThan(-8);
  });

  test('looks at the own element alone, and knows no other', () => {
    expect(locate([1, 0], 'Ni')).toEqual({ x: 3, y: 2 });
    expect(locate([1, 0], 'Zn')).toBeNull();
  });
});

describe('geometricMedian', () => {
  test('stays with the majority', () => {
    const at = (x: number, y: number) => ({ x, y, weight: 1 });
    const { x, y } = geometricMedian([at(0, 0), at(0, 0.1), at(0.1, 0), at(100, 100)]);
    expect(Math.hypot(x, y)).toBeLessThan(0.2);
  });

  test('goes to the weight', () => {
    const points = [
      { x: 0, y: 0, weight: 1 },
      { x: 1, y: 0, weight: 3 },
    ];
    expect(geometricMedian(points).x).toBeCloseTo(1, 3);
  });
});

describe('quantiser', () => {
  test('cuts what is far out instead of wrapping it', () => {
    expect([...quantised([1000, -1000])]).toEqual([127, -127]);
  });
});

describe('parseMap', () => {
  const json = JSON.stringify(map);

  test('reads what was written', () => {
    const read = parseMap(json, Buffer.from(rows));
    expect(read.labels).toEqual(map.labels);
    expect(read.locate([1, 0.1], 'Cu')).toEqual({ x: 10, y: 2 });
  });

  test('refuses what was cut or does not fit', () => {
    expect(() => parseMap(json, Buffer.from(rows.subarray(1)))).toThrow(
      'Expected 50 bytes in map.bin, got 49',
    );
    expect(() => parseMap(JSON.stringify({ ...map, x: [1] }), Buffer.from(rows))).toThrow(
      'one entry each per spectrum',
    );
  });
});
