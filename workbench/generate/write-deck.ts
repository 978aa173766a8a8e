import type { SoftCn } from '../data/dataset.ts';

/** What Python tells of one site: everything that FEFF and a labelled record need. */
export type DescribedSite = {
  readonly formula: string;
  readonly labels: Readonly<Record<string, number | null>>;
  /** What takes the place of CN where it is ill-defined (workbench/generate/python/labels.py). */
  readonly softCn: SoftCn;
  readonly osMethod: string | null;
  /** Of a metal of an amorphous cell: what moment, bond valence and charge balance say, each by itself. */
  readonly osEvidence?: object | null;
  readonly neighbours: readonly string[];
  readonly meanBondLength: number;
  /** xx yy zz xy xz yz */
  readonly strain: readonly number[];
  /** angstrom */
  readonly rattleSigma: number;
  /** The absorber at the origin first, the others by distance; angstrom. */
  readonly atoms: readonly (readonly [symbol: string, x: number, y: number, z: number])[];
  /** Elements of the crystal in the order in which their potentials are numbered. */
  readonly cell: readonly (readonly [symbol: string, atomicNumber: number, atoms: number])[];
  /** An upper bound of the atoms in any self-consistency cluster. */
  readonly scfAtoms: number;
};

export const SCF_RADIUS = 4; // angstrom
export const FMS_RADIUS = 6; // angstrom
/** The deck lists a little more than FEFF uses, so that no atom is lost to rounding. */
export const CLUSTER_RADIUS = Math.max(SCF_RADIUS, FMS_RADIUS) + 0.1;

/** The last two numbers of the SCF card: convergence accelerator and the iterations it starts after. */
export type Mixing = '0.2 3' | '0.1 20' | '0.05 40';

/**
 * FEFF's input for the K edge of the first atom: one potential per element, the settings of the shipped FEFF10 data, so
 * that new spectra can be pooled with them.
 */
export function writeDeck(site: DescribedSite, title: string, mixing: Mixing): string {
  const absorber = site.atoms[0]![0];
  const present = new Set(site.atoms.slice(1).map(([symbol]) => symbol));
  const potentials = site.cell.filter(([symbol]) => present.has(symbol));
  const numberOf = new Map(potentials.map(([symbol], i) => [symbol, i + 1]));
  const atomicNumber = site.cell.find(([symbol]) => symbol === absorber)![1];
  return [
    `TITLE ${title}`,
    'CONTROL 1 1 1 1 1 1',
    'COREHOLE RPA',
    'S02 0',
    'EXCHANGE 0 0.0 0.0 2',
    `SCF ${SCF_RADIUS.toFixed(1)} 0 100 ${mixing}`,
    `FMS ${FMS_RADIUS.toFixed(1)} 0`,
    'XANES 4 0.04 0.1',
    'EDGE K',
    'RPATH -1',
    'TOLSCF 1 0.005 0.03',
    '',
    'POTENTIALS',
    `0 ${atomicNumber} ${absorber} -1 -1 0.0001 0`,
    ...potentials.map(([symbol, z, atoms], i) => `${i + 1} ${z} ${symbol} -1 -1 ${atoms} 0`),
    '',
    'ATOMS',
    ...site.atoms.map(([symbol, x, y, z], i) => {
      const number = i === 0 ? 0 : numberOf.get(symbol)!;
      const position = [x, y, z].map((value) => value.toFixed(6).padStart(12)).join(' ');
      return `${position} ${String(number).padStart(3)} ${symbol.padEnd(3)} ${Math.hypot(x, y, z).toFixed(5).padStart(9)}`;
    }),
    'END',
    '',
  ].join('\n');
}
