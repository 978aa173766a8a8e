import { describe, expect, test } from '@jest/globals';
import { ENERGY_SIGMA_EV, energySigma, STATED_SIGMA, sigmaNote } from '../../src/spectra/energy-sigma.ts';
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

test.each(['wide', '-1', '20.5', '100', 'NaN', 'Infinity', '0,5', '0.5 keV', '±0.5', '1.5 to 2'])(
  'a stated %s is taken for the widest, and a note says so',
  (text) => {
    for (const how of [byTable, computed])
      expect(energySigma(stating(text), fitted, how)).toBe(energySigma(stating('20'), fitted, how));
    expect(energySigma(stating(text), fitted, byFoil)).toBe(energySigma(stating(), fitted, byFoil));
    expect(sigmaNote(stating(text).metadata)).toMatch(
      /^energy.sigma: Expected a standard uncertainty of 0 to 20 eV, got .*: taken as 20 eV$/,
    );
  },
);

test.each(['0.5 eV', ' 0.5', '5e-1', '0.5ev'])(
  '%j is half an eV, and there is nothing to say of it',
  (text) => {
    expect(energySigma(stating(text), fitted, computed)).toBe(0.5);
    expect(sigmaNote(stating(text).metadata)).toBeNull();
  },
);

test.each(['', '  ', undefined])('a scan that states %j states nothing', (text) => {
  expect(energySigma(stating(text), fitted, byTable)).toBe(energySigma(stating(), fitted, byTable));
  expect(sigmaNote(stating(text).metadata)).toBeNull();
});

test('a foil is worth more than one of another time, and that more than a setting', () => {
  const { table, 'standard-foil': earlier, 'reference-foil': own } = ENERGY_SIGMA_EV;
  expect(own).toBeLessThan(earlier);
  expect(earlier).toBeLessThan(table);
});
