import { readFileSync } from 'node:fs';
import { FatalError } from '../../src/common/errors.ts';
import { type CellTools, cellFile, makeCells } from './cell-files.ts';
import { RELAX } from './python-tools.ts';
import type { Cell, Prototype } from './tasks.ts';

/** A crystal with other elements, or with vacancies, on the sites of its host. */
export type RelaxedOxide = {
  /** Formula and host. */
  readonly name: string;
  readonly host: string;
  readonly supercell: readonly number[];
  /** By the symbol that stands for a slot of the host: the share of each element; "" is a vacancy. */
  readonly fill: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** Hosts are prototypes whose slots for metals are called He and Ne, and have no charges. */
export type RelaxedOxides = {
  readonly hosts: readonly Prototype[];
  readonly cells: readonly RelaxedOxide[];
};

export const readRelaxedOxides = (): RelaxedOxides =>
  JSON.parse(readFileSync(new URL('relaxed-oxides.json', import.meta.url), 'utf8')) as RelaxedOxides;

/**
 * The cells of hosts that have sites of any of the elements.
 * @param hosts names of hosts, or `all`
 * @throws FatalError for a name that no host has
 */
export function cellsWith(hosts: readonly string[], elements: readonly string[]) {
  const known = readRelaxedOxides();
  const asked = known.hosts.filter(({ name }) => hosts.includes('all') || hosts.includes(name));
  const unknown = hosts.filter((name) => name !== 'all' && !asked.some((host) => host.name === name));
  if (unknown.length > 0)
    throw new FatalError(
      `Expected --relaxed to name hosts (all, ${known.hosts.map(({ name }) => name).join(', ')}), got ${unknown.join(', ')}`,
    );
  return known.cells.flatMap((cell) => {
    const host = asked.find(({ name }) => name === cell.host);
    if (host === undefined) return [];
    const filled = Object.values(cell.fill).flatMap((shares) => Object.keys(shares));
    const held = [...filled, ...host.sites.map(([symbol]) => symbol)];
    return elements.some((element) => held.includes(element)) ? [{ name: cell.name, cell, host }] : [];
  });
}

/**
 * Crystals of hosts, each cell made unless it is there: the elements arranged by Ewald's energy, atoms and cell relaxed
 * with CHGNet. One that fails, or whose distances, forces, volume or bond valences cannot be believed, is named and
 * left out.
 * @param hosts names of hosts, or `all`
 * @param elements those whose sites are computed: a cell without them is not made
 * @param folder of the cells
 */
export async function relaxCells(
  hosts: readonly string[],
  elements: readonly string[],
  folder: string,
  tools: CellTools,
): Promise<Cell[]> {
  return makeCells(cellsWith(hosts, elements), folder, tools, async ({ name, cell, host }) => {
    const arrange = async () => {
      const arranged = await tools.crystals.ask<{ symbols: string[] }>({ ask: 'arrange', cell, host });
      tools.say(`${name}: relaxing ${arranged.symbols.length} atoms`);
      return { host: host.name, ...arranged };
    };
    const file = await cellFile(name, folder, RELAX, arrange, tools);
    const { sites } = await tools.crystals.ask<Pick<Cell, 'sites'>>({ ask: 'sites-of-cell', file, elements });
    return { name, file, sites, material: name, family: host.family };
  });
}
