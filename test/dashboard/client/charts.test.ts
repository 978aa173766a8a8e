import { describe, expect, test } from '@jest/globals';
import type uPlot from 'uplot';
import { rgb } from '../../../dashboard/client/src/charts/rgb.ts';
import { sharedAxisLabels } from '../../../dashboard/client/src/charts/shared-axis.ts';

test('a colour is read as it is written, and as a build shortens it', () => {
  expect(rgb('#3b1f8f')).toEqual([0x3b, 0x1f, 0x8f]);
  expect(rgb('#fff')).toEqual([255, 255, 255]);
  expect(rgb('#Af0')).toEqual([0xaa, 0xff, 0]);
});

describe('labels of the shared axis', () => {
  const labels = (splits: readonly number[], stepS: number, widthPx: number) => {
    const [from, to] = [splits[0]!, splits.at(-1)!];
    const valToPos = (s: number) => ((s - from) / (to - from)) * widthPx;
    const { values } = sharedAxisLabels('time', 10);
    const plot = { valToPos, scales: { x: { max: to } } } as unknown as uPlot;
    return (values as (...of: unknown[]) => string[])(plot, splits, 0, 50, stepS);
  };
  const noon = Date.UTC(2026, 10, 28, 12) / 1000;

  test('say seconds where the step has some, also where there is one label alone', () => {
    expect(labels([noon, noon + 30, noon + 60], 30, 1000)[0]).toMatch(/^\d\d:\d\d:00$/);
    expect(labels([noon, noon + 300], 300, 1000)[0]).toMatch(/^\d\d:\d\d$/);
    expect(labels([noon, noon + 300], 86_400, 1000)[0]).toMatch(/^28 Nov$/);
  });

  test('one that the edge would cut is left out', () => {
    expect(labels([noon, noon + 60, noon + 120], 60, 1000)).toEqual([
      expect.stringMatching(/./),
      expect.stringMatching(/./),
      '',
    ]);
  });
});
