import { expect, test } from '@jest/globals';
import { makeGate } from '../../src/gating/gate.ts';
import { gateAtLevel } from '../../src/gating/gate-at-level.ts';
import { withLeastTrust } from '../../src/gating/least-trust.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Judgement } from '../../src/messages/judgement.ts';
import { GATE, predictionOf, preparedWith } from './example-gate.ts';

const judged = (name: DescriptorName, { descriptors }: Judgement) =>
  descriptors.find((each) => each.name === name)!;
const sure = predictionOf([0.03, 0.95, 0.02]);

test.each([
  [0, 0.8, 'ACCEPT'],
  [0.5, 0.8, 'ACCEPT'], // calibration asks for more
  [0.94, 0.94, 'ACCEPT'],
  [0.96, 0.96, 'FLAG'],
] as const)('a least trust of %d is held against: %d, %s', (least, trustThreshold, verdict) => {
  const gate = withLeastTrust(GATE, least);
  expect(judged('OS', makeGate(gate)(preparedWith(0.005), sure))).toMatchObject({ trustThreshold, verdict });
  expect(judged('OS', gateAtLevel(gate, 0.9)(preparedWith(0.005), sure))).toMatchObject({ verdict });
});

test('what calibration accepts at no trust stays so, and the gate itself as it is', () => {
  const before = JSON.stringify(GATE.table);
  const strict = makeGate(withLeastTrust(GATE, 0.9));
  expect(judged('OS', strict(preparedWith(0.2), sure)).trustThreshold).toBeNull();
  expect(judged('OS', strict(preparedWith(0.005, 'Fe'), sure)).verdict).not.toBe('ACCEPT');
  expect(JSON.stringify(GATE.table)).toBe(before);
});

test('a scan that ends early is held against it, too', () => {
  const co = GATE.table.elements.Co!;
  const short = { ...co, beforeBin: 1000 };
  const table = { ...GATE.table, elements: { ...GATE.table.elements, Co: { ...co, short } } };
  const strict = withLeastTrust({ ...GATE, table }, 0.99);
  expect(strict.table.elements.Co!.short!.descriptors.OS!.thresholds).toEqual([0.99, 0.99, null]);
});
