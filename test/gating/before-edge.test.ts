import { expect, test } from '@jest/globals';
import { absorbedBeforeEdge, RANGES_BEFORE_EDGE } from '../../src/gating/before-edge.ts';
import { GRID } from '../spectra/synthetic-edge.ts';

const { offsetsEv } = GRID;
const usual = [-9, -9, -9, -9, -9];
const of = (mu: (offsetEv: number) => number, fromEv = -200) =>
  absorbedBeforeEdge(
    {
      mu: Float32Array.from(offsetsEv, mu),
      mask: Float32Array.from(offsetsEv, (offsetEv) => (offsetEv >= fromEv ? 1 : 0)),
    },
    offsetsEv,
    usual,
  );

test('is the logarithm of what is absorbed in each range, and noise below zero is nothing', () => {
  expect(of(() => 0.1)).toHaveLength(RANGES_BEFORE_EDGE);
  for (const value of of(() => 0.1)) expect(value).toBeCloseTo(Math.log(0.12), 5);
  for (const value of of(() => -0.5)) expect(value).toBeCloseTo(Math.log(0.02), 5);
});

test('each range is of its own energies, and what lies behind -2 eV does not count', () => {
  const plain = of(() => 0.1);
  const step = of((offsetEv) => (offsetEv < -8.5 ? 0.3 : offsetEv > -2 ? 9 : 0.1));
  expect(step[0]!).toBeCloseTo(Math.log(0.32), 5);
  expect(step.slice(1)).toEqual(plain.slice(1));
});

test('a range that was not measured has the usual', () => {
  const late = of(() => 0.1, -7);
  expect(late.slice(0, 2)).toEqual([-9, -9]);
  expect(late[2]).toBeCloseTo(Math.log(0.12), 5);
});
