import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CrystalServer, setUpPython } from './python-tools.ts';
import type { SiteRecord } from './site-record.ts';
import { CLUSTER_RADIUS, type DescribedSite, SCF_RADIUS } from './write-deck.ts';

/**
 * Labels the sites of quenched and of relaxed cells anew from the cells.
 * @param folder of the cells
 * @returns by id, why a site must not enter a data set: its labels are not those of its cell, or its cell is faulty
 */
export async function checkSitesOfCells(
  sites: readonly SiteRecord[],
  folder: string,
  tools: string,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  const quenched = sites.flatMap((site) => (site.cell === undefined ? [] : [{ ...site, cell: site.cell }]));
  if (quenched.length === 0) return faults;
  const crystals = new CrystalServer(await setUpPython(tools, console.error));
  try {
    for (const site of quenched) {
      const file = join(folder, `${site.cell.name}.cif`);
      const fault = await faultOf(crystals, site, file).catch((error: Error) => error.message);
      if (fault !== null) faults.set(site.id, fault);
    }
  } finally {
    await crystals.close();
  }
  return faults;
}

async function faultOf(
  crystals: CrystalServer,
  { cell, labels, softCn, osMethod }: SiteRecord,
  file: string,
): Promise<string | null> {
  const { faults } = await crystals.ask<{ faults: readonly string[] }>({ ask: 'check-cell', file });
  if (faults.length > 0) return `Expected a sound cell, got one with ${faults.join('; ')}`;
  const request = {
    ask: 'cell',
    file,
    index: cell!.site,
    radius: CLUSTER_RADIUS,
    scfRadius: SCF_RADIUS,
  };
  const anew = await crystals.ask<DescribedSite>(request);
  const [has, expected] = [
    { labels, softCn, osMethod },
    { labels: anew.labels, softCn: anew.softCn, osMethod: anew.osMethod },
  ];
  if (isDeepStrictEqual(has, expected)) return null;
  return `Expected the labels of ${file}, ${JSON.stringify(expected)}, got ${JSON.stringify(has)}`;
}
