import { aboutCell, type CellTools, cellFile, makeCells } from './cell-files.ts';
import { QUENCH } from './python-tools.ts';
import type { Cell } from './tasks.ts';

type Packed = { readonly symbols: readonly string[] };

/** Amorphous cells to make, and how. */
export type Quenching = {
  readonly formulas: readonly string[];
  /** Each number is an independent quench of each formula. */
  readonly numbers: readonly number[];
  /** At most so many atoms a cell. */
  readonly atoms: number;
  /** Molecular dynamics at 5000 K, and from there to 300 K; picoseconds. */
  readonly meltPs: number;
  readonly quenchPs: number;
};

/**
 * The cells of a folder, each made unless it is there: packed at random, molten, quenched and relaxed with CHGNet. One
 * that fails, or whose distances, forces or pressure cannot be believed, is named and left out.
 * @returns in the order in which they were asked for: the formulas take turns
 */
export function quenchCells(
  { formulas, numbers, atoms, ...times }: Quenching,
  folder: string,
  tools: CellTools,
): Promise<Cell[]> {
  const asked = numbers.flatMap((number) =>
    formulas.map((formula) => ({ name: `${formula}-a${number}`, formula, number })),
  );
  return makeCells(asked, folder, tools, async ({ name, formula, number }) => {
    const pack = async () => {
      const packed = await tools.crystals.ask<Packed>({ ask: 'pack', formula, number, atoms });
      tools.say(`${name}: quenching ${packed.symbols.length} atoms`);
      return { composition: formula, number, ...packed, ...times };
    };
    const file = await cellFile(name, folder, QUENCH, pack, tools);
    const sites = aboutCell<Packed>(file).symbols.map((element, index) => ({ index, element }));
    return {
      ...{ name, file, sites },
      material: `amorphous ${formula} a${number}`,
      family: `amorphous ${formula}`,
    };
  });
}
