import { describe, expect, test } from '@jest/globals';
import { writeDeck } from '../../../workbench/generate/write-deck.ts';
import { octahedron } from './nickel-oxide.ts';

describe('writeDeck', () => {
  const lines = writeDeck(octahedron, 'NiO', '0.1 20').split('\n');

  test('holds the settings that the shipped spectra were made with', () => {
    for (const card of ['COREHOLE RPA', 'FMS 6.0 0', 'XANES 4 0.04 0.1', 'EDGE K', 'TOLSCF 1 0.005 0.03']) {
      expect(lines).toContain(card);
    }
    expect(lines).toContain('SCF 4.0 0 100 0.1 20');
  });

  test('the absorber has a potential of its own, and an element without an atom in the cluster has none', () => {
    const from = lines.indexOf('POTENTIALS') + 1;
    expect(lines.slice(from, lines.indexOf('', from))).toEqual(['0 28 Ni -1 -1 0.0001 0', '1 8 O -1 -1 1 0']);
  });

  test('lists every atom with its potential and distance', () => {
    const atoms = lines
      .slice(lines.indexOf('ATOMS') + 1, lines.indexOf('END'))
      .map((line) => line.trim().split(/\s+/));
    expect(atoms).toHaveLength(7);
    expect(atoms[0]).toEqual(['0.000000', '0.000000', '0.000000', '0', 'Ni', '0.00000']);
    expect(atoms.slice(1).map((atom) => atom.slice(3))).toEqual(Array(6).fill(['1', 'O', '2.08855']));
  });

  test("other atoms of the absorber's element share one further potential", () => {
    const more = { ...octahedron, atoms: [...octahedron.atoms, ['Ni', 0, 2.95, 0] as const] };
    const deck = writeDeck(more, 'NiO', '0.2 3');
    expect(deck).toContain('0 28 Ni -1 -1 0.0001 0\n1 28 Ni -1 -1 1 0\n2 8 O -1 -1 1 0\n');
    expect(deck).toMatch(/2\.950000 +0\.000000 +1 Ni +2\.95000\nEND/);
  });
});
