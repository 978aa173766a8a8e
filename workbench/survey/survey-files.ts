import { relative } from 'node:path';
import { headOf, readScanFiles, scanFilesIn } from '../../src/files/scan-files.ts';
import { readBinaryTable } from '../../src/formats/binary/binary-table.ts';
import { type FileKind, kindOfFile } from '../../src/formats/kind-of-file.ts';
import { knownHeader } from '../../src/formats/known-header.ts';
import { isReject } from '../../src/messages/reject.ts';
import { hasEdgeInPlace } from './edge-in-place.ts';

/** Files of a kind in one place. */
export type Surveyed = {
  readonly kind: string;
  readonly place: string;
  files: number;
  /** Of which at least one spectrum is read with nothing but the file, */
  read: number;
  /** or once somebody names the absorber, which nothing in the file does. */
  readOnceNamed: number;
  /** Without a column of energies: chi(k), paths, tables of other things. */
  withoutEnergies: number;
  /** Spectra of those that are read, */
  spectra: number;
  /** and those of them whose edge lies where it must. */
  edges: number;
};

export type Unread = { readonly place: string; readonly file: string; readonly detail: string };

/** Any absorber: what is asked is whether all else is found. */
const SOME_ELEMENT = 'Fe';
const NAMES_NO_ABSORBER = /name it with --(?:element|edge)/;
const HAS_NO_ENERGIES = /Expected a (?:column energy|scan with a column energy)/;

/**
 * Reads all files of folders with no option at all, and those that name no absorber once more with one.
 * @param places folders by the names of where they are from
 */
export async function surveyFiles(
  places: ReadonlyMap<string, string>,
): Promise<{ readonly table: readonly Surveyed[]; readonly unread: readonly Unread[] }> {
  const table = new Map<string, Surveyed>();
  const unread: Unread[] = [];
  for (const [place, folder] of places) {
    const files = scanFilesIn([folder]);
    // All of them together: those of HDF5 are read on one thread, which takes a second to start.
    const asTheyAre = await readAll(files);
    const needName = files.filter((file) => needsName(asTheyAre.get(file)!));
    const onceNamed = await readAll(needName, SOME_ELEMENT);
    for (const file of files) {
      const kind = await kindName(file);
      const key = `${kind}\n${place}`;
      const row = table.get(key) ?? { kind, place, ...NOTHING };
      table.set(key, row);
      row.files += 1;
      const alone = asTheyAre.get(file)!;
      const { spectra, edges, details } = onceNamed.get(file) ?? alone;
      row.spectra += spectra;
      row.edges += edges;
      if (alone.spectra > 0) row.read += 1;
      else if (spectra > 0) row.readOnceNamed += 1;
      else if (details.every((detail) => HAS_NO_ENERGIES.test(detail))) row.withoutEnergies += 1;
      else unread.push({ place, file: relative(folder, file), detail: short(details, file) });
    }
  }
  const rows = [...table.values()];
  rows.sort((a, b) => a.kind.localeCompare(b.kind) || a.place.localeCompare(b.place));
  return { table: rows, unread };
}

const NOTHING = { files: 0, read: 0, readOnceNamed: 0, withoutEnergies: 0, spectra: 0, edges: 0 };

/** What was read of a file: spectra, those of them with the edge in its place, and why others are none. */
type FileRead = { spectra: number; edges: number; readonly details: string[] };

async function readAll(files: readonly string[], element?: string): Promise<ReadonlyMap<string, FileRead>> {
  const all = new Map(files.map((file): [string, FileRead] => [file, { spectra: 0, edges: 0, details: [] }]));
  for await (const { file, scan, candidates } of readScanFiles(files, { element })) {
    const read = all.get(file)!;
    if (isReject(scan)) read.details.push(scan.detail);
    else {
      read.spectra += 1;
      if (hasEdgeInPlace(candidates, element === undefined)) read.edges += 1;
    }
  }
  return all;
}

const needsName = ({ spectra, details }: FileRead): boolean =>
  spectra === 0 && details.some((each) => NAMES_NO_ABSORBER.test(each));

const short = (details: readonly string[], file: string): string =>
  (details[0] ?? 'nothing').replace(`${file}: `, '');

const KINDS: Readonly<Record<FileKind, string>> = {
  XDI: 'XDI',
  HDF5: 'HDF5, NeXus',
  SPEC: 'SPEC',
  'Athena project': 'Athena project',
  'JSON lines': 'JSON lines',
  columns: 'plain columns',
};

async function kindName(file: string): Promise<string> {
  const head = await headOf(file);
  if (isReject(head)) return 'not readable';
  const kind = kindOfFile(file, head);
  const binary = readBinaryTable(head);
  if (binary !== null) return binary.of;
  const known = kind === 'columns' ? knownHeader(head.toString('latin1').split(/\r\n|\r|\n/)) : null;
  return known === null ? KINDS[kind] : `columns of ${known.of}`;
}
