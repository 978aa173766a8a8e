import { expect, test } from '@jest/globals';
import { passedLines, targetTable } from '../../../workbench/calibration/calibration-report.ts';
import { TABLE } from '../../gating/example-gate.ts';

test('a row an element and descriptor, of short scans apart', () => {
  const { trainingEmbeddingRows: _, ...cobalt } = TABLE.elements.Co!;
  const short = {
    ...{ ...cobalt, beforeBin: 60 },
    descriptors: { OS: { ...cobalt.descriptors.OS!, correlatedThreshold: 0.951 } },
  };
  const elements = { Co: { ...TABLE.elements.Co!, short }, Fe: TABLE.elements.Fe! };
  const training = ['Co', 'Co', 'Fe'].map((element) => ({ site: { element } }));
  const lines = targetTable({ ...TABLE, elements }, training)
    .trimEnd()
    .split('\n');
  expect(lines[0]).toBe(
    '| element | training | descriptor | held out | accepted | right | target | < 0.01 | < 0.05 | < 0.1 | correlated noise |',
  );
  expect(lines).toHaveLength(2 + 4 + 1 + 1);
  expect(lines[2]).toBe('| Co | 2 | OS | 20 | 18 | 18 | yes | 0.80 | 0.90 | - |  |');
  expect(lines[6]).toBe('| Co, cut short | 2 | OS | 20 | 18 | 18 | yes | 0.80 | 0.90 | - | 0.95 |');
  expect(lines[7]).toBe('| Fe | 1 | OS | 20 | 18 | 18 | no | - | - | - |  |');
});

test('spectra that pass although they should not, with how often', () => {
  const copies = [1, 2, 3, 4].map((i) => ({ i, site: { id: i < 4 ? 'CuS_0' : 'Cu_0', kind: 'sulphide' } }));
  expect(passedLines('non-oxides', copies, ({ i }) => i < 3)).toEqual([
    'non-oxides: 2 of 4 copies pass',
    '  CuS_0 (sulphide): 2 of 3',
  ]);
});
