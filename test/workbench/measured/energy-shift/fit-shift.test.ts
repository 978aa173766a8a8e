import { describe, expect, test } from '@jest/globals';
import { fitShift } from '../../../../workbench/measured/energy-shift/fit-shift.ts';

const peak = (at: number, height = 0) => Array.from({ length: 9 }, (_, s) => height - (s - at) ** 2);

describe('fitShift', () => {
  test('finds the shift that suits the compounds together, each counting once', () => {
    const standards = [
      { compound: 'A', scores: [peak(2)] },
      ...Array.from({ length: 5 }, () => ({ compound: 'B', scores: [peak(6)] })),
    ];
    expect(fitShift(standards).shift).toBe(4);
  });

  test('finds the broadening, and what each is worth', () => {
    const fit = fitShift([{ compound: 'A', scores: [peak(3, -1), peak(5, 0), peak(5, -2)] }]);
    expect(fit).toMatchObject({ shift: 5, broadening: 1, byBroadening: [-1, 0, -2] });
  });

  test('says how far shifts are as good, and takes the middle of a flat top', () => {
    const fit = fitShift([{ compound: 'A', scores: [[-9, -0.4, 0, 0, 0, -0.4, -9]] }]);
    expect(fit).toMatchObject({ shift: 3, from: 1, to: 5 });
  });

  test('refuses to fit nothing', () => {
    expect(() => fitShift([])).toThrow(RangeError);
  });
});
