import type { Dataset, Group, OpenHdf5 } from './hdf5.ts';

const MOST_DEPTH = 6;
/** Groups that are looked at, where the file is small: those of other files, which it links to, count, too. */
const MOST_GROUPS = 100_000;
/** No group takes less of a file than so many bytes. Where more are found, links lead to them on several paths. */
const LEAST_GROUP_BYTES = 64;

/** What a group of scans is: NXxas of today or the former one, or datasets that are columns. */
export type Kind = 'xas' | 'former-xas' | 'columns';

/**
 * The groups of a file that hold scans; a sentence where there are none, or where links lead to groups on so many paths
 * that nobody would wait for the end.
 * @param bytes size of the file
 * @param mostGroups that are looked at of a file of no bytes
 */
export function groupsOf(
  file: OpenHdf5,
  path: string | undefined,
  bytes: number,
  mostGroups: number = MOST_GROUPS,
): readonly { readonly group: Group; readonly kind: Kind }[] | string {
  if (path !== undefined) {
    const group = file.group(path);
    return group === null ? `Expected a group ${path}, got none` : [{ group, kind: 'columns' }];
  }
  const found: { readonly group: Group; readonly kind: Kind }[] = [];
  const measurements: { readonly group: Group; readonly kind: Kind }[] = [];
  const plain: { readonly group: Group; readonly kind: Kind }[] = [];
  const most = mostGroups + Math.floor(bytes / LEAST_GROUP_BYTES);
  let seen = 0;
  const look = (group: Group, depth: number): void => {
    seen += 1;
    if (seen > most) return;
    const kind = kindOf(group);
    if (kind !== null) found.push({ group, kind });
    if (kind === null && /(^|\/)measurement$/.test(group.path)) measurements.push({ group, kind: 'columns' });
    if (kind === null && isPlain(group)) plain.push({ group, kind: 'columns' });
    if (depth < MOST_DEPTH) for (const inner of group.groups()) look(inner, depth + 1);
  };
  look(file.root, 0);
  if (seen > most) return `Expected at most ${most} groups, got more: do links lead from a group back to it?`;
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
