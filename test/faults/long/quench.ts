import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { readSites } from '../../../workbench/data/dataset.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { until } from '../../until.ts';
import { startGenerate } from '../../workbench/generate/generate-runs.ts';

// A real quench by CHGNet and a real FEFF10, end to end, of a cell that is too small for science: some minutes, most of
// them for installing PyTorch the first time.

jest.setTimeout(3_600_000);
const folder = temporaryFolder('quench');
const out = join(folder.path, 'sites.jsonl');
const cell = (ending: string) => join(folder.path, 'sites.cells', `MnO2-a11.${ending}`);
afterAll(() => folder.remove());

const generate = (...more: string[]) =>
  startGenerate([
    ...['--amorphous', 'MnO2', '--cells', '11', '--atoms', '12', '--melt-ps', '0.02', '--quench-ps', '0.1'],
    ...['--absorber', 'Mn', '--limit', '1', '--out', out, ...more],
  ]);

test('a cell is quenched, also after an interrupt, never twice, and its site computed', async () => {
  const first = generate();
  await until(() => first.said.text.includes('quenching 12 atoms'), 3_000_000);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  expect(existsSync(cell('json'))).toBe(false);

  const second = generate();
  expect(await second.ended).toBe(0);
  const [record] = linesOf<SiteRecord>(out);
  expect(record).toMatchObject({ id: 'MnO2-a11_Mn0', cell: { name: 'MnO2-a11', site: 0 } });
  expect(readSites(out)[0]).toMatchObject({ element: 'Mn', group: 'amorphous MnO2' });

  const before = readFileSync(cell('json'), 'utf8');
  const third = generate('--list');
  expect(await third.ended).toBe(0);
  expect(third.said.text).not.toContain('quenching');

  // The same seed makes the same cell, but for what rounding in another order of threads does.
  rmSync(cell('json'));
  expect(await generate('--list').ended).toBe(0);
  const [one, other] = [before, readFileSync(cell('json'), 'utf8')].map(
    (text) => JSON.parse(text) as { energyPerAtom: number },
  );
  expect(other!.energyPerAtom).toBeCloseTo(one!.energyPerAtom, 2);
});
