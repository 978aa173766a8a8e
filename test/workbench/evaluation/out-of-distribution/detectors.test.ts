import { expect, test } from '@jest/globals';
import { detectorPage } from '../../../../workbench/evaluation/out-of-distribution/detector-page.ts';
import { detectorCurves } from '../../../../workbench/evaluation/out-of-distribution/detector-plot.ts';
import {
  type Detector,
  type DetectorCase,
  detectorsOf,
  WITHOUT_LIMIT,
} from '../../../../workbench/evaluation/out-of-distribution/detectors.ts';
import {
  limitFor,
  measuredKinds,
  passing,
} from '../../../../workbench/evaluation/out-of-distribution/passing.ts';
import { GATE, predictionOf, TABLE } from '../../../gating/example-gate.ts';

/** A case whose embedding lies so far from the nearest training spectrum in each of its four features. */
function caseOf(kind: DetectorCase['kind'], group: string, distance: number): DetectorCase {
  const prediction = { ...predictionOf([0.1, 0.8, 0.1]), embedding: new Float32Array(4).fill(distance) };
  const spectrum = { element: 'Co', mu: Float32Array.of(1), mask: Float32Array.of(1) };
  return { ...spectrum, bin: 0, prediction, group, kind, sigma: 0 };
}

const cases = [
  caseOf('oxide', 'CoO', 0),
  caseOf('oxide', 'CoO', 3),
  caseOf('oxide', 'Co3O4', 1),
  caseOf('metal', 'Co', 4),
  caseOf('sulphide', 'CoS', 1.5),
  caseOf('theory', 'site', 0),
  caseOf('distorted', 'site', 3),
];
const nearest = detectorsOf(GATE).get('nearest training spectrum')!;

test('a compound counts once, however many files it has', () => {
  const { oxides, metals, others } = measuredKinds(cases);
  expect([oxides.length, metals.length, others.length]).toEqual([3, 1, 1]);
  expect(passing(oxides, nearest, 1)).toBe(0.75); // half of CoO, all of Co3O4
  expect(passing(metals, nearest, 1)).toBe(0);
  expect(passing(others, nearest, 1)).toBe(1);
});

test('the limit is the smallest at which so many pass', () => {
  const distance: Detector = ({ prediction }) => prediction.embedding[0]!;
  const { oxides } = measuredKinds(cases);
  expect(limitFor(oxides, distance, 0.5)).toBe(1);
  expect(limitFor(oxides, distance, 0.9)).toBe(3);
  expect(limitFor([], distance, 0.5)).toBe(Number.POSITIVE_INFINITY);
});

test('the detectors: 1 is the limit of the table, but for the one that has none', () => {
  const detectors = detectorsOf(GATE);
  expect([...detectors.keys()]).toEqual(['all', 'classifiers', 'nearest training spectrum', WITHOUT_LIMIT]);
  expect(nearest(caseOf('oxide', 'CoO', 2))).toBeCloseTo(1, 6);
  expect(detectors.get(WITHOUT_LIMIT)!(cases[0]!)).toBeCloseTo(1 - 0.8 * 0.98, 5);
});

test('the page and its curves', () => {
  const detectors = detectorsOf(GATE);
  const inDistribution = { oxides: { spectra: 10, passed: 9 }, nonOxides: { spectra: 0, passed: 0 } };
  const elements = { ...TABLE.elements, Co: { ...TABLE.elements.Co!, inDistribution } };
  const page = detectorPage(cases, detectors, { elements }, 'spt-8');
  expect(page).toContain('3 measured scans of 2 oxides, 1 of\n1 metals, 1 of 1 sulphides');
  expect(page).toContain('\n| nearest training spectrum | 75% | 0% | 100% |\n');
  expect(page).toContain('\n| Co | 10 | 90% | 0 | - |\n');
  expect(page).toMatch(/^\| nearest training spectrum \| distorted spectra \| 0% \| - \| /m);
  expect(page).not.toMatch(/NaN|undefined/);
  const curve = detectorCurves(cases, new Map([['nearest', nearest]]));
  expect(curve.at(-1)).toEqual({
    detector: 'nearest',
    what: 'sulphides, nitrides, carbides',
    oxides: 1,
    outliers: 1,
  });
});
