import { expect, test } from '@jest/globals';
import type { Site } from '../../../workbench/data/dataset.ts';
import { feff10Scale } from '../../../workbench/training/feff10-scale.ts';

/** An edge of the width of a calculation, so many eV further up. */
function site(id: string, formula: string, shiftEv: number, labels: Site['labels']): Site {
  const energyEv = Float64Array.from({ length: 300 }, (_, i) => 8965 + 0.25 * i);
  const mu = energyEv.map((energy) => 0.5 + Math.atan((energy - 8985 - shiftEv) / 1.5) / Math.PI);
  return { id, formula, energyEv, mu, labels, material: id, group: id } as unknown as Site;
}

const LABELS = { OS: 1, CN: 2, CN2: 12, PSGO: 3 };

test('a spectrum is laid upon those of the same crystal, and of no other', () => {
  const ten = site('ten', 'Cu2O', 0, LABELS);
  const nines = [
    site('nine', 'Cu2O', 0.7, LABELS),
    site('other-formula', 'CuO', 0, LABELS),
    site('other-site', 'Cu2O', 0, { ...LABELS, CN: 4 }),
    site('not-established', 'Cu2O', 0, { OS: 1, CN: 2, CN2: 12 }),
  ];
  expect(feff10Scale([ten], nines).split('\n').slice(2)).toEqual(['| Cu2O | nine | 0.7 | 0 | 0.0000 |', '']);
});
