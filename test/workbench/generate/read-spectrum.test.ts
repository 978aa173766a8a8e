import { describe, expect, test } from '@jest/globals';
import { readSpectrum } from '../../../workbench/generate/read-spectrum.ts';

const xmu = (points: number, mu: (i: number) => string = (i) => (i / 100).toExponential(7)) =>
  [
    '# omega    e    k    mu    mu0     chi     @#',
    ...Array.from({ length: points }, (_, i) => `  ${8320 + i / 2} ${i}  0.1  ${mu(i)}  1.0  0.0`),
    '',
  ].join('\n');

describe('readSpectrum', () => {
  test('takes energy and absorption', () => {
    const { energyEv, mu } = readSpectrum(xmu(107));
    expect(energyEv).toHaveLength(107);
    expect([energyEv[1], mu[1]]).toEqual([8320.5, 0.01]);
  });

  test.each([
    ['a spectrum cut short', xmu(59), /at least 60 points in xmu.dat, got 59/],
    ['NaN', xmu(107, (i) => (i === 3 ? 'NaN' : '1.0')), /only finite numbers/],
    [
      'a row cut short',
      xmu(107)
        .replace(/ {2}1.0 {2}0.0\n$/, '')
        .replace(/\S+$/, ''),
      /only finite numbers/,
    ],
    ['energies out of order', `${xmu(107)}8000 0 0 1 1 0\n`, /rising energies in xmu.dat, got 8000/],
  ])('%s is an error', (_name, text, message) => {
    expect(() => readSpectrum(text)).toThrow(message);
  });
});
