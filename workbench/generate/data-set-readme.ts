import { FatalError } from '../../src/common/errors.ts';

const MARKS = { begin: '<!-- tables: npm run workbench -- publish-sites -->', end: '<!-- end of tables -->' };

/** README of a data set that has none yet; what its sites are for is to be written into it. */
export const newReadme = (name: string): string => `# ${name}

FEFF10 K-edge spectra with labels, computed by this project's data engine (docs/workbench/data-engine.md); same settings
(SCF 4, FMS 6 angstrom) and format as battery-feff10. Our own calculations; copy freely.

${MARKS.begin}
${MARKS.end}
`;

/**
 * A README with other tables between its marks; all else stays.
 * @throws FatalError where it has no marks
 */
export function withTables(readme: string, tables: string): string {
  const [head, rest] = readme.split(MARKS.begin);
  const tail = rest?.split(MARKS.end)[1];
  if (tail === undefined)
    throw new FatalError(`Expected the README to hold the marks ${MARKS.begin} and ${MARKS.end}`);
  return `${head}${MARKS.begin}\n\n${tables}\n${MARKS.end}${tail}`;
}
