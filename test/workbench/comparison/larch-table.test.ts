import { expect, test } from '@jest/globals';
import { larchTable } from '../../../workbench/comparison/larch/larch-table.ts';

const compared = (file: string, e0Ev: number, edgeStep: number) => ({
  file,
  larch: { e0Ev: 7709, edgeStep: 2 },
  ours: { e0Ev, edgeStep },
});

test('counts the files within 0.3 eV and 1%, and shows median, largest and each file', () => {
  const table = larchTable([
    compared('a.xdi', 7709, 2),
    compared('b.xdi', 7708.8, 2.002),
    compared('c.xdi', 7710, 1.9),
  ]);
  expect(table).toContain('| E0 | 0.200 eV | 1.000 eV | 0.300 eV | 2 of 3 |');
  expect(table).toContain('| edge step | 0.1000% | 5.0000% | 1.0000% | 2 of 3 |');
  expect(table).toContain('| a.xdi | 7709.000 | 0.000 | 2.000000 | 0.0000% |');
  expect(table).toContain('| c.xdi | 7709.000 | 1.000 | 2.000000 | -5.0000% |');
});

test('refuses no files at all', () => {
  expect(() => larchTable([])).toThrow('Expected at least one file, got none');
});
