import { markdownTable } from '../report/markdown-table.ts';
import type { Surveyed, Unread } from './survey-files.ts';

const HEAD = [
  ...['kind', 'where', 'files', 'read', 'read once the absorber is named', 'no energies', 'spectra'],
  'edge in its place',
];

/** The page of a survey: a row a kind and place, and every file that is not read, with why. */
export function surveyPage(table: readonly Surveyed[], unread: readonly Unread[]): string {
  const sum = (of: (row: Surveyed) => number) => table.reduce((total, row) => total + of(row), 0);
  const numbers = (row: Omit<Surveyed, 'kind' | 'place'>) => [
    ...[row.files, row.read, row.readOnceNamed, row.withoutEnergies, row.spectra, row.edges],
  ];
  const all = {
    files: sum(({ files }) => files),
    read: sum(({ read }) => read),
    readOnceNamed: sum(({ readOnceNamed }) => readOnceNamed),
    withoutEnergies: sum(({ withoutEnergies }) => withoutEnergies),
    spectra: sum(({ spectra }) => spectra),
    edges: sum(({ edges }) => edges),
  };
  const rows = [...table.map((row) => [row.kind, row.place, ...numbers(row)]), ['all', '', ...numbers(all)]];
  return `# Files of others

\`npm run workbench -- survey-files\`: files in folders of public repositories, each read as \`npm run predict\` reads
it with no option at all. *Read*: element, edge, energies and at least one signal were found. Files that name no
absorber are read once more with one. *No energies*: chi(k), paths of FEFF, tables of something else. *Edge in its
place*: spectra whose steepest rise lies within 25 eV of the edge that the file names (of any K or L3 edge where it
names none), so that energies and signal are what they were taken for.

${markdownTable(HEAD, rows)}
Of ${all.files - all.withoutEnergies} files with energies ${all.read + all.readOnceNamed} are read. The others:

${markdownTable(
  ['where', 'file', 'why'],
  unread.map(({ place, file, detail }) => [place, file, detail.slice(0, 200).replaceAll('|', '\\|')]),
)}`;
}
