import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { comparisonTable } from '../../../workbench/comparison/comparison-table.ts';
import {
  type FoldScores,
  readFoldScores,
  writeFoldScores,
} from '../../../workbench/comparison/fold-scores.ts';
import { pairedDifference } from '../../../workbench/comparison/paired-difference.ts';

describe('pairedDifference', () => {
  test('is the corrected interval of Nadeau and Bengio', () => {
    // Differences 1, 2, 3, 4, 5: mean 3, s^2 = 2.5; half = 2.776 sqrt(2.5 (1/5 + 1/4)).
    const { mean, half } = pairedDifference([2, 4, 6, 8, 10], [1, 2, 3, 4, 5]);
    expect(mean).toBeCloseTo(3);
    expect(half).toBeCloseTo(2.776 * Math.sqrt(2.5 * 0.45));
  });

  test('sees a small difference that every fold has, however much the folds differ', () => {
    const folds = [0.5, 0.6, 0.7, 0.8, 0.9];
    const { mean, half } = pairedDifference(
      folds.map((f, i) => f + 0.01 + 0.001 * (i % 2)),
      folds,
    );
    expect(mean).toBeGreaterThan(half);
  });

  test('refuses other folds', () => {
    expect(() => pairedDifference([1, 2, 3], [1, 2])).toThrow('got 3 and 2');
    expect(() => pairedDifference([1], [1])).toThrow(RangeError);
  });
});

const model = (name: string, plus: number, folds: number): FoldScores => ({
  model: name,
  folds: Array.from({ length: folds }, (_, fold) => ({
    fold,
    scores: {
      clean: { OS: 0.8 + 0.01 * fold + plus, NNRS: 0.5 },
      '0.05': { OS: 0.7 + plus, NNRS: 0.4 + 0.02 * fold },
    },
  })),
});

describe('comparisonTable', () => {
  const table = comparisonTable([model('mlp', -0.1, 3), model('spt', 0, 3), model('half', 0, 2)], 'spt');

  test('shows means over the folds, the best model first', () => {
    expect(table).toContain('| spt | 0.810 | 0.500 | 0.655 |\n| mlp | 0.710 | 0.500 | 0.605 |');
  });

  test('shows paired differences to the reference, bold where they are more than chance', () => {
    expect(table).toContain('| mlp | **−0.100 ± 0.000** | +0.000 ± 0.000 | **−0.050 ± 0.000** |');
  });

  test('names a model that has not been through all folds', () => {
    expect(table).toContain('Left out for want of folds: half.');
    expect(table).not.toContain('| half |');
  });

  test('calls a model by its title, and says what its note says', () => {
    const shipped = { ...model('shipped', 0.1, 3), title: 'as shipped', note: 'other data' };
    const table = comparisonTable([model('spt', 0, 3), shipped], 'spt');
    expect(table).toContain('as shipped: other data');
    expect(table).toContain('| as shipped | 0.910 | 0.500 | 0.705 |\n| spt | 0.810 |');
    expect(table).toContain('| as shipped | **+0.100 ± 0.000** |');
  });

  test('scores are read as they were written, by model, folds in order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scores-'));
    const [mlp, spt] = [model('mlp', 0.2, 3), model('spt', 0, 3)];
    writeFoldScores(folder, { ...spt, folds: [...spt.folds].reverse() });
    writeFoldScores(folder, mlp);
    expect(readFoldScores(folder)).toEqual([mlp, spt]);
    expect(readFoldScores(join(folder, 'absent'))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  test('goes without differences where the reference is missing', () => {
    expect(comparisonTable([model('mlp', 0, 3)], 'spt')).toContain('No scores of spt yet');
  });
});
