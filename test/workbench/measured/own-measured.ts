import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { readSites, type Site } from '../../../workbench/data/dataset.ts';
import { asMeasured } from '../../../workbench/measured/as-measured.ts';
import type { Standard } from '../../../workbench/measured/manifest.ts';

const NEIGHBOURS: Record<string, string> = {
  CuO: 'O',
  Cu2O: 'O',
  Cu: 'Cu',
  Cu2S: 'S',
  CuS: 'S',
  CuS2: 'S',
  Fe: 'Fe',
};

/** A folder of measured files with its manifest.json: our own spectra, as a beamline would have measured them. */
export function writeMeasured(folder: string): readonly Standard[] {
  const { references } = openBundle('models/spt').manifest;
  const sites = ['cu-feff10', 'non-oxides'].flatMap((set) => readSites(`data/${set}/sites.jsonl`));
  const standards = Object.entries(NEIGHBOURS).map(([compound, neighbour], i): Standard => {
    const site = sites.find((each) => each.formula === compound)!;
    const { shiftsEv } = references.find(({ element }) => element === site.element)!;
    const file = `${site.element}/${compound}.xdi`;
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    const shiftEv = (shiftsEv.feff10 ?? 0) - (shiftsEv.measured ?? 0);
    writeFileSync(join(folder, file), measure(site, shiftEv, i + 1));
    const { OS = null, CN = null } = site.labels;
    return {
      ...{ file, element: site.element, compound, oxidationState: OS, coordinationNumber: CN },
      ...{ neighbour, note: '' },
    };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(standards));
  return standards;
}

/** On the energies that a beamline would have, with baseline and noise. */
function measure(site: Site, shiftEv: number, seed: number): string {
  return asMeasured(site, {
    ...{ beforeEv: 100, afterEv: 60, offset: 0.6, slope: -3e-4, step: 1.3, noise: 1e-3, seed },
    ...{ columns: 'i0 itrans', shiftEv },
  });
}
