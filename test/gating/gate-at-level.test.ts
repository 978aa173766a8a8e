import { expect, test } from '@jest/globals';
import { makeGate } from '../../src/gating/gate.ts';
import { gateAtLevel } from '../../src/gating/gate-at-level.ts';
import type { GateTable } from '../../src/gating/gate-table.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Judgement } from '../../src/messages/judgement.ts';
import { GATE, predictionOf, preparedWith, TABLE } from './example-gate.ts';

const { OS, CN, OCN, NNRS } = TABLE.calibrations.metals!;
const clean = preparedWith(0.005);
const sure = predictionOf([0.03, 0.95, 0.02]);
const published = makeGate(GATE);
const withMetals = (metals: object) => {
  const calibrations = { ...TABLE.calibrations, metals } as GateTable['calibrations'];
  return { ...GATE, table: { ...TABLE, calibrations } };
};
const floors = { '0.5': [0.7, 0.7, 0.7] };
const half = gateAtLevel(
  withMetals({
    OS: { ...OS, setFloorAt: floors },
    CN: { ...CN, setFloorAt: floors },
    OCN: { ...OCN, setFloorAt: floors },
    NNRS: { ...NNRS, spreadAt: { '0.5': [0.6, 0.6, 0.6] } },
  }),
  0.5,
);
const judged = (name: DescriptorName, { descriptors }: Judgement) =>
  descriptors.find((each) => each.name === name)!;

test('intervals are those of the level, and nothing else changes', () => {
  const without = ({ descriptors, ...rest }: Judgement) => ({
    ...rest,
    descriptors: descriptors.map(({ low: _, high: __, level: ___, ...kept }) => kept),
  });
  expect(without(half(clean, sure))).toEqual(without(published(clean, sure)));
  expect(judged('NNRS', half(clean, sure))).toMatchObject({ level: 0.5, high: expect.closeTo(0.083, 6) });
  expect(judged('NNRS', published(clean, sure))).toMatchObject({ level: 0.9, high: expect.closeTo(0.09, 6) });
  const unsure = predictionOf([0.25, 0.7, 0.05]);
  expect(judged('OS', half(clean, unsure))).toMatchObject({ low: 3, level: 0.5 });
  expect(judged('OS', published(clean, unsure))).toMatchObject({ low: 2, level: 0.9 });
});

test('intervals by trust are those of the level, too', () => {
  const byTrust = { edges: [0.9], width: [6, 2], widthAt: { '0.5': [3, 1] } };
  const own = withMetals({ OS, CN, OCN, NNRS: { ...NNRS, byTrust } });
  const halfWidth = (gate: ReturnType<typeof makeGate>, sigma: number) => {
    const { high, value } = judged('NNRS', gate(clean, predictionOf([0, 1, 0], [0, 1], [0, 1], sigma)));
    return (high - value) / sigma;
  };
  for (const [gate, unsure, sure] of [
    [makeGate(own), 6, 2],
    [gateAtLevel(own, 0.9), 6, 2],
    [gateAtLevel(own, 0.5), 3, 1],
  ] as const) {
    expect(halfWidth(gate, 0.04)).toBeCloseTo(unsure, 5);
    expect(halfWidth(gate, 0.005)).toBeCloseTo(sure, 5);
  }
});

test('at the level of the table it is the gate of the service', () => {
  for (const sigma of [0.005, 0.02, 0.2]) {
    const scan = preparedWith(sigma);
    expect(gateAtLevel(GATE, TABLE.level)(scan, sure)).toEqual(published(scan, sure));
  }
});

test('a real that was not calibrated has the interval of the network, and says so', () => {
  const { outputs, embedding } = sure;
  const unknown = { kind: 'real' as const, mean: 2.5, sigma: 0.2 };
  const judgement = half(clean, { outputs: { ...outputs, NNOSM: unknown }, embedding });
  expect(judged('NNOSM', judgement)).toMatchObject({
    level: 0,
    low: expect.closeTo(2.5 - 0.6745 * 0.2, 4),
    high: expect.closeTo(2.5 + 0.6745 * 0.2, 4),
  });
});

test('where spectra were too few for the level, the interval is all that was ever seen', () => {
  const most = gateAtLevel(
    withMetals({ NNRS, OS: { ...OS, setFloorAt: { '0.95': [0.1, 0.1, 0.1] } } }),
    0.95,
  );
  expect(judged('NNRS', most(clean, sure))).toMatchObject({ low: 0, high: 0.3, level: 0.95 });
});

test('a real that is read below zero lies in its interval nevertheless', () => {
  const { outputs, embedding } = sure;
  const below = {
    outputs: { ...outputs, NNRS: { kind: 'real' as const, mean: -0.05, sigma: 0.01 } },
    embedding,
  };
  for (const gate of [
    half,
    gateAtLevel(withMetals({ NNRS, OS: { ...OS, setFloorAt: { '0.95': [0.1] } } }), 0.95),
  ]) {
    const { low, value, high } = judged('NNRS', gate(clean, below));
    expect([low <= value, value <= high]).toEqual([true, true]);
  }
});

test('a level that the table does not reach is refused', () => {
  expect(() => gateAtLevel(GATE, 0.5)).toThrow('level from 0.9 to 0.9');
});
