import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addressOf,
  type Choice,
  choiceOf,
  NOTHING_CHOSEN,
} from '../../../dashboard/client/src/state/choice.ts';
import { columnsOf } from '../../../dashboard/client/src/state/columns.ts';
import { scanConditions } from '../../../src/producers/scan-conditions.ts';

describe('the address', () => {
  test('is empty of what is as at first, and leads back to the same choice', () => {
    expect(addressOf(NOTHING_CHOSEN)).toBe('');
    expect(choiceOf('')).toEqual(NOTHING_CHOSEN);
    const choice: Choice = {
      ...NOTHING_CHOSEN,
      ...{ following: false, runId: 'run & 1', sampleId: 'LCO #3, ü', scanId: 'a/b/3', windowMs: 600_000 },
      axis: 'scan',
      zoom: [-3.5, 40],
      energyZoom: [7700, 7760.5],
      tab: 'spectra',
      side: 'compare',
      ...{ mapBy: 'OCN', mapView: 'near' },
      ...{ pins: ['a/b/3', 'c=d'], offset: 0.3, difference: true, average: 16, deadLetterId: 't/0/1' },
    };
    expect(choiceOf(addressOf(choice))).toEqual(choice);
  });

  test('anything may stand in it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const choice = choiceOf(text);
        expect(choiceOf(addressOf(choice))).toEqual({ ...choice, following: choice.following });
      }),
    );
    const wrong = choiceOf('zoom=9~1&ev=x&show=<b>&average=7&offset=1e9&last=-3&axis=7&pin=&pin=a&pin=a');
    expect(wrong).toEqual({ ...NOTHING_CHOSEN, offset: 2, pins: ['a'] });
  });
});

describe('columnsOf', () => {
  const xs = Array.from({ length: 1000 }, (_, i) => i);
  test('takes all where there is room, else one of each part, one that is held if any is', () => {
    expect(columnsOf(xs, [10, 20], 96, () => false)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const found = columnsOf(xs, [0, 1000], 10, () => false);
    expect(found).toEqual([99, 199, 299, 399, 499, 599, 699, 799, 899, 999]);
    expect(columnsOf(xs, [0, 1000], 10, (i) => i === 130)).toEqual([
      99, 130, 299, 399, 499, 599, 699, 799, 899, 999,
    ]);
    expect(columnsOf([], [0, 1], 10, () => true)).toEqual([]);
  });
});

test('scanConditions: numbers of the metadata, units behind their names, what people seek first', () => {
  expect(
    scanConditions({
      ...{ potential: '3.95 V', temperature: '25.1', pressure: '1e-3 mbar', 'energy.scale': '1' },
      ...{ operator: 'B', when: '2026-11-26', '': '4', a: '1', b: '2', c: '-.5', d: '9', e: '10' },
    }),
  ).toEqual({ 'potential, V': 3.95, 'pressure, mbar': 0.001, temperature: 25.1, '': 4, a: 1, b: 2 });
  expect(scanConditions({ ['x'.repeat(41)]: '1', inf: 'Infinity', text: '5 apples and pears' })).toEqual({});
  expect(Object.getPrototypeOf(scanConditions({ __proto__x: '1' }))).toBe(Object.prototype);
});
