import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescribedSite } from '../../../workbench/generate/write-deck.ts';

/** Half the edge of rock salt's cube: the length of every bond; angstrom. */
const BOND = 2.08855;
const AXES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;

/** A nickel atom in its octahedron: the smallest cluster that FEFF solves, 6 s of CPU. */
export const octahedron: DescribedSite = {
  formula: 'NiO',
  labels: { OS: 2, CN: 6 },
  softCn: { crystalNN: 6, econ: 6, bondValence: 6 },
  osMethod: 'bond valence',
  neighbours: ['O', 'O', 'O', 'O', 'O', 'O'],
  meanBondLength: BOND,
  strain: [0, 0, 0, 0, 0, 0],
  rattleSigma: 0,
  atoms: [
    ['Ni', 0, 0, 0],
    ...[BOND, -BOND].flatMap((b) => AXES.map(([x, y, z]) => ['O', b * x, b * y, b * z] as const)),
  ],
  cell: [
    ['Ni', 28, 1],
    ['O', 8, 1],
  ],
  scfAtoms: 34,
};

/** A POSCAR of a rock salt crystal in the folder. */
export function writeRockSalt(folder: string, metal: string): void {
  const rows = AXES.map((axis) => axis.map((x) => (x === 1 ? 0 : BOND)).join(' '));
  const text = [`${metal}O`, '1.0', ...rows, `${metal} O`, '1 1', 'direct', '0 0 0', '0.5 0.5 0.5', ''];
  writeFileSync(join(folder, `${metal}O.vasp`), text.join('\n'));
}
