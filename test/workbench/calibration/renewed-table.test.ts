import { expect, test } from '@jest/globals';
import { FatalError } from '../../../src/common/errors.ts';
import type { GateTable } from '../../../src/gating/gate-table.ts';
import { renewedTable } from '../../../workbench/calibration/renewed-table.ts';
import { TABLE, target } from '../../gating/example-gate.ts';

const by = (command: string) => ({ madeBy: { command, nonOxides: '0'.repeat(64) } });
const FORMER: GateTable = { ...TABLE, ...by('calibrate') };
const iron = { ...TABLE.elements.Fe!, descriptors: { OS: target([0.9, 0.9, 0.9]) } };
const MADE: GateTable = {
  ...TABLE,
  ...by('calibrate --elements Fe'),
  embedding: { mean: [1, 1, 1, 1], scale: [2, 2, 2, 2] },
  calibrations: {
    ...TABLE.calibrations,
    copper: { OS: { kind: 'class', temperature: [5, 5, 5], setFloor: [0, 0, 0] } },
    metals: { OS: { kind: 'class', temperature: [6, 6, 6], setFloor: [0, 0, 0] } },
  },
  elements: { Co: { ...TABLE.elements.Co!, outOfDistributionLimit: [9, 9, 9] }, Fe: iron },
};

test('what a table says of the elements that were asked for is new, and all else as it was', () => {
  expect(renewedTable(FORMER, MADE, ['Fe'])).toEqual({
    ...FORMER,
    ...by('calibrate; calibrate --elements Fe'),
    calibrations: { ...FORMER.calibrations, copper: MADE.calibrations.copper },
    elements: { Co: FORMER.elements.Co, Fe: iron },
  });
});

test('names each command once that made it, where it was run last', () => {
  const renewed = renewedTable({ ...FORMER, ...by('calibrate; calibrate --elements Fe') }, MADE, ['Fe']);
  expect(renewed.madeBy!.command).toBe('calibrate; calibrate --elements Fe');
  const between = by('calibrate; calibrate --elements Fe; calibrate --elements Co');
  expect(renewedTable({ ...FORMER, ...between }, MADE, ['Fe']).madeBy!.command).toBe(
    'calibrate; calibrate --elements Co; calibrate --elements Fe',
  );
});

test('scans that end early belong to their element, in each part of the table', () => {
  const short = { ...iron, calibration: 'copper, cut short', beforeBin: 3 };
  const mean = { OS: { sigmaEdges: [], spread: [2], spreadAt: {}, usefulHalf: 0.45 } };
  const made: GateTable = {
    ...MADE,
    calibrations: { ...MADE.calibrations, [short.calibration]: MADE.calibrations.copper! },
    elements: { ...MADE.elements, Fe: { ...iron, short } },
    means: { [short.calibration]: mean, metals: mean },
  };
  const renewed = renewedTable({ ...FORMER, means: {} }, made, ['Fe']);
  expect(renewed.elements.Fe!.short).toBe(short);
  expect(Object.keys(renewed.calibrations)).toEqual(['metals', 'copper', 'copper, cut short']);
  expect(renewed.means).toEqual({ 'copper, cut short': mean });
});

test('the metal detector is new with the elements that go by it', () => {
  const five = [0, 0, 0, 0, 0];
  const weights = new Array<number>(20).fill(0);
  const metalDetector = { mean: five, deviation: [1, 1, 1, 1, 1], weights, bias: 1 };
  const former = { ...FORMER, metalDetector: { ...metalDetector, bias: 0 } };
  expect(renewedTable(former, { ...MADE, metalDetector }, ['Fe']).metalDetector!.bias).toBe(0);
  const going = { ...iron, metalRanges: [{ middle: 0, limit: 1 }] };
  const made = { ...MADE, metalDetector, offsetsEv: [-10, 0], elements: { ...MADE.elements, Fe: going } };
  expect(renewedTable(former, made, ['Fe'])).toMatchObject({ metalDetector, offsetsEv: [-10, 0] });
});

test('a table is renewed for its own model, whole groups at a time, and elements that it has', () => {
  const refused = (former: GateTable, made: GateTable, elements: string[], why: string): void => {
    expect(() => renewedTable(former, made, elements)).toThrow(FatalError);
    expect(() => renewedTable(former, made, elements)).toThrow(why);
  };
  refused(
    { ...FORMER, madeFor: {} },
    MADE,
    ['Fe'],
    'got one for another weights.bin: calibrate all elements',
  );
  refused(FORMER, MADE, ['Fe', 'Cu'], '--elements: Expected some of Co, Fe, got Cu');
  const together = { ...MADE, elements: { ...MADE.elements, Fe: { ...iron, calibration: 'metals' } } };
  refused(FORMER, together, ['Fe'], 'Expected also Co, which are calibrated together with Fe');
});
