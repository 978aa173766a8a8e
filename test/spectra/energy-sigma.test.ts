import { describe, expect, test } from '@jest/globals';
import { ENERGY_SIGMA_EV, energySigma, STATED_SIGMA } from '../../src/spectra/energy-sigma.ts';
import { REFERENCES } from './synthetic-edge.ts';

const [cobalt] = REFERENCES;
const fitted = { ...cobalt!, shiftSigmaEv: 0.5 };
const stating = (sigma?: string) => ({ metadata: sigma === undefined ? {} : { [STATED_SIGMA]: sigma } });
const byTable = { energyScale: 'measured', energyShiftSource: 'table' } as const;
const byFoil = { energyScale: 'measured', energyShiftSource: 'reference-foil' } as const;
const computed = { energyScale: 'feff10', energyShiftSource: 'table' } as const;

describe('of a measured scan', () => {
  test.each([
    [
      'the beamline’s setting and the usual shift',
      stating(),
      cobalt!,
      byTable,
      Math.hypot(1, ENERGY_SIGMA_EV.shift),
    ],
    ['the shift that was fitted', stating(), fitted, byTable, Math.hypot(1, 0.5)],
    ['what the scan states', stating('0.25'), fitted, byTable, Math.hypot(0.25, 0.5)],
    ['a scale that is stated to be exact', stating('0'), fitted, byTable, 0.5],
    ['its own foil', stating(), fitted, byFoil, Math.hypot(0.2, 0.5)],
    ['its own foil, whatever it states', stating('2'), fitted, byFoil, Math.hypot(0.2, 0.5)],
  ])('%s', (_, scan, reference, how, sigmaEv) => {
    expect(energySigma(scan, reference, how)).toBeCloseTo(sigmaEv, 12);
  });
});

test('of a computed scan it is the calculation’s, or what it states, and no shift adds to it', () => {
  expect(energySigma(stating(), fitted, computed)).toBe(ENERGY_SIGMA_EV.calculated);
  expect(energySigma(stating('1.5'), fitted, computed)).toBe(1.5);
});

test.each(['wide', '-1', '20.5', 'NaN', 'Infinity'])('a stated %s is not believed', (text) => {
  for (const how of [byTable, computed])
    expect(energySigma(stating(text), fitted, how)).toBe(energySigma(stating(), fitted, how));
});

test('a foil is worth more than one of another time, and that more than a setting', () => {
  const { table, 'standard-foil': earlier, 'reference-foil': own } = ENERGY_SIGMA_EV;
  expect(own).toBeLessThan(earlier);
  expect(earlier).toBeLessThan(table);
});
