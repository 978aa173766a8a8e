import type { Dataset, Group, OpenHdf5 } from './hdf5.ts';

const MOST_DEPTH = 6;

/** What a group of scans is: NXxas of today or the former one, or datasets that are columns. */
export type Kind = 'xas' | 'former-xas' | 'columns';

/** The groups of a file that hold scans; a sentence where there are none. */
export function groupsOf(
  file: OpenHdf5,
  path: string | undefined,
): readonly { readonly group: Group; readonly kind: Kind }[] | string {
  if (path !== undefined) {
    const group = file.group(path);
    return group === null ? `Expected a group ${path}, got none` : [{ group, kind: 'columns' }];
  }
  const found: { readonly group: Group; readonly kind: Kind }[] = [];
  const measurements: { readonly group: Group; readonly kind: Kind }[] = [];
  const plain: { readonly group: Group; readonly kind: Kind }[] = [];
  const look = (group: Group, depth: number): void => {
    const kind = kindOf(group);
    if (kind !== null) found.push({ group, kind });
    if (kind === null && /(^|\/)measurement$/.test(group.path)) measurements.push({ group, kind: 'columns' });
    if (kind === null && isPlain(group)) plain.push({ group, kind: 'columns' });
    if (depth < MOST_DEPTH) for (const inner of group.groups()) look(inner, depth + 1);
  };
  look(file.root, 0);
  for (const groups of [found, measurements, plain]) if (groups.length > 0) return groups;
  return 'Expected a group of NXxas or a group measurement, got neither: name the group of the columns with --path';
}

/** Energies and mu(E) side by side, as programs keep a set of spectra. */
const isPlain = (group: Group): boolean => {
  const [energy, mu] = [group.dataset('energy'), group.dataset('mu')];
  return energy?.shape.length === 1 && mu?.shape[0] === energy.shape[0];
};

function kindOf(group: Group): Kind | null {
  const isXas = /^NXxas/.test(group.text('definition') ?? '');
  const isEntry = ['NXentry', 'NXsubentry'].includes(group.attribute('NX_class') ?? '');
  if ((isXas || isEntry) && group.dataset('energy') && group.dataset('intensity')) return 'xas';
  return isXas && former(group) !== null ? 'former-xas' : null;
}

/** The datasets of the NXxas of before 2024: energy, incoming and absorbed beam. */
export function former(group: Group): { energy: Dataset; incoming: Dataset; absorbed: Dataset } | null {
  const instrument = group.group('instrument') ?? group;
  const find = (...paths: readonly string[]): Dataset | null => {
    for (const path of paths) {
      const found = instrument.dataset(path) ?? group.dataset(path);
      if (found !== null) return found;
    }
    return null;
  };
  const energy = find('monochromator/energy', 'data/energy');
  const incoming = find('incoming_beam/data');
  const absorbed = find('absorbed_beam/data', 'data/absorbed_beam');
  return energy && incoming && absorbed ? { energy, incoming, absorbed } : null;
}
