import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle.ts';
import { readSites, type Site } from '../../../workbench/data/dataset.ts';
import { asMeasured } from '../../../workbench/measured/as-measured.ts';

const folder = mkdtempSync(join(tmpdir(), 'measured-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEIGHBOURS: Record<string, string> = {
  CuO: 'O',
  Cu2O: 'O',
  Cu: 'Cu',
  Cu2S: 'S',
  CuS: 'S',
  CuS2: 'S',
  Fe: 'Fe',
};

const { references } = openBundle('models/spt').manifest;

/** Our own spectra, on the energies that a beamline would have, with baseline and noise. */
function measure(site: Site, seed: number): string {
  const { shiftsEv } = references.find(({ element }) => element === site.element)!;
  return asMeasured(site, {
    ...{ beforeEv: 100, afterEv: 60, offset: 0.6, slope: -3e-4, step: 1.3, noise: 1e-3, seed },
    ...{ columns: 'i0 itrans', shiftEv: (shiftsEv.feff10 ?? 0) - (shiftsEv.measured ?? 0) },
  });
}

function writeMeasured(): void {
  const sites = ['cu-feff10', 'non-oxides'].flatMap((set) => readSites(`data/${set}/sites.jsonl`));
  const standards = Object.entries(NEIGHBOURS).map(([compound, neighbour], i) => {
    const site = sites.find((each) => each.formula === compound)!;
    const file = `${site.element}/${compound}.xdi`;
    mkdirSync(join(folder, site.element), { recursive: true });
    writeFileSync(join(folder, file), measure(site, i + 1));
    const { OS = null, CN = null } = site.labels;
    return {
      ...{ file, element: site.element, compound, oxidationState: OS, coordinationNumber: CN },
      ...{ neighbour, note: '' },
    };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(standards));
}

describe('npm run workbench -- measured', () => {
  test('reads copper files, and accepts nothing of a metal or a sulphide', () => {
    writeMeasured();
    const command = ['--import', 'tsx', 'workbench/main.ts', 'measured', '--data', folder];
    const output = execFileSync(process.execPath, [...command, '--files', 'Cu/', '--json'], {
      encoding: 'utf8',
    });
    const rows = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(6);
    const oxide = rows.find(({ compound }) => compound === 'CuO');
    expect(oxide).toMatchObject({
      kind: 'oxide',
      descriptors: {
        OS: { value: 2, truth: 'right', verdict: 'ACCEPT' },
        CN: { value: 4, truth: 'right', verdict: 'ACCEPT' },
      },
    });
    const others = rows.filter(({ kind }) => kind !== 'oxide');
    expect(others.map(({ kind }) => kind).sort()).toEqual(['metal', 'sulphide', 'sulphide', 'sulphide']);
    for (const { descriptors } of others) {
      for (const { verdict, truth } of Object.values<{ verdict: string; truth: string }>(descriptors)) {
        expect(verdict).not.toBe('ACCEPT');
        expect(truth).toBe('n.a.');
      }
    }
  }, 60_000);
});
