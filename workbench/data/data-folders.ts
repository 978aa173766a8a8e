import { join, relative } from 'node:path';

// Where data lie that this repository does not hold. A command's --data goes first, then the environment
// XANES_DATA, a folder that holds cu-feff9, tm-feff9 and measured, then what the import commands write.
const { XANES_DATA } = process.env;

/** Holds cu-feff9 and tm-feff9. */
export const OMNIXAS = XANES_DATA ?? 'data/omnixas';
/** Measured XDI files with their manifest.json. */
export const MEASURED = XANES_DATA === undefined ? 'data/measured' : join(XANES_DATA, 'measured');
/** Crystals computed by FEFF10, with true labels: what the shipped network learned beside the FEFF9 sets. */
export const FEFF10_SETS = ['battery-feff10', 'battery-extended', 'relaxed-oxides'] as const;
/** Melt-quenched oxides, likewise. */
export const AMORPHOUS_SET = 'amorphous';
const [FIRST_SET, ...LATER_SETS] = [...FEFF10_SETS, AMORPHOUS_SET].map((set) => `data/${set}`);
/** What the shipped model was trained with, in the order in which its manifest names it. */
export const TRAINING_FOLDERS: readonly string[] = [
  FIRST_SET!,
  join(OMNIXAS, 'cu-feff9'),
  join(OMNIXAS, 'tm-feff9'),
  ...LATER_SETS,
];

/** What fit-measured-means found. */
export const MEASURED_MEANS = 'data/measured-means.json';

/** For the end of an error about a file or folder that is not there: the command that makes it, or nothing. */
export function madeBy(path: string): string {
  const makers = [
    [MEASURED, 'import-xas-data-library'],
    [OMNIXAS, 'import-omnixas'],
  ] as const;
  const command = makers.find(([folder]) => !relative(folder, path).startsWith('..'))?.[1];
  return command === undefined ? '' : `; npm run workbench -- ${command} makes it (docs/workbench/data.md)`;
}
