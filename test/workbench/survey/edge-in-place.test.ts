import { expect, test } from '@jest/globals';
import { hasEdgeInPlace } from '../../../workbench/survey/edge-in-place.ts';
import { COBALT, scanOf, syntheticEdge } from '../../spectra/synthetic-edge.ts';

const scanAt = (e0Ev: number, element = 'Co') => scanOf({ element, ...syntheticEdge({ ...COBALT, e0Ev }) });

test('the steepest rise must lie at the edge that is named', () => {
  expect(hasEdgeInPlace([scanAt(7719)], true)).toBe(true);
  expect(hasEdgeInPlace([scanAt(7719, 'Fe')], true)).toBe(false);
  expect(hasEdgeInPlace([scanAt(7750)], true)).toBe(false);
});

test('without a name any K or L3 edge will do, and not every energy has one', () => {
  expect(hasEdgeInPlace([scanAt(7719, 'Fe')], false)).toBe(true);
  expect(hasEdgeInPlace([scanAt(7760, 'Fe')], false)).toBe(false);
});

test('one signal of several is enough; one that is dead is none', () => {
  const { energyEv } = scanAt(7719);
  const dead = scanOf({ energyEv, mode: 'TRANSMISSION', i0: energyEv, it: energyEv.map(() => 0) });
  expect(hasEdgeInPlace([dead], true)).toBe(false);
  expect(hasEdgeInPlace([dead, scanAt(7719)], true)).toBe(true);
});
