import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { CrystalServer } from '../../../workbench/generate/python-tools.ts';
import type { DescribedSite } from '../../../workbench/generate/write-deck.ts';

/** A site as the crystal server describes it; of some cells with what each way says of its state. */
type CellSite = DescribedSite & { readonly osEvidence: { moment: number; byMoment: number } | null };

/**
 * The cells of a data set in a folder that tests may change, and a crystal server for them: there before the tests of
 * the describe block that this is called in, gone after them.
 * @param About what the .json of a cell holds
 */
export function copiedCells<About extends object>(dataSet: string, python: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cells-'));
  let crystals: CrystalServer;
  beforeAll(() => {
    cpSync(join(dataSet, 'sites.cells'), folder, { recursive: true });
    crystals = new CrystalServer(python);
  });
  afterAll(async () => {
    await crystals.close();
    rmSync(folder, { recursive: true });
  });
  const path = (name: string, ending: 'cif' | 'json') => join(folder, `${name}.${ending}`);
  const ask = <Answer>(request: object) => crystals.ask<Answer>(request);
  return {
    path,
    ask,
    faults: async (name: string) =>
      (await ask<{ faults: string[] }>({ ask: 'check-cell', file: path(name, 'cif') })).faults,
    site: (name: string, index: number) =>
      ask<CellSite>({ ask: 'cell', file: path(name, 'cif'), index, radius: 6.1, scfRadius: 4 }),
    /** A cell of another name with some of what the first one has changed. */
    changed(name: string, change: (about: About) => void, cif = (text: string) => text): string {
      const other = `${name}-changed`;
      writeFileSync(path(other, 'cif'), cif(readFileSync(path(name, 'cif'), 'utf8')));
      const about = JSON.parse(readFileSync(path(name, 'json'), 'utf8')) as About;
      change(about);
      writeFileSync(path(other, 'json'), JSON.stringify(about));
      return other;
    },
  };
}
