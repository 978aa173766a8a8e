import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrystalServer, QUENCH, setUpQuench } from './python-tools.ts';
import { runProgram } from './run-program.ts';
import { type Cell, cellName } from './tasks.ts';

/** Cells to make, and how. */
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

type Tools = {
  readonly crystals: CrystalServer;
  /** Folder of the Pythons. */
  readonly tools: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/**
 * The cells of a folder, each made unless it is there: packed at random, molten, quenched and relaxed with CHGNet. One
 * that fails, or whose distances, forces or pressure cannot be believed, is named and left out.
 * @returns in the order in which they were asked for: the formulas take turns
 */
export async function quenchCells(
  { formulas, numbers, ...how }: Quenching,
  folder: string,
  tools: Tools,
): Promise<Cell[]> {
  mkdirSync(folder, { recursive: true });
  const cells: Cell[] = [];
  for (const number of numbers)
    for (const formula of formulas) {
      const name = cellName({ formula, number });
      const file = join(folder, `${name}.cif`);
      try {
        if (!isWhole(file)) await quench({ formula, number, name }, folder, how, tools);
        await requireSound(tools.crystals, file);
        cells.push({ file, formula, number, symbols: symbolsOf(file) });
      } catch (error) {
        tools.signal.throwIfAborted();
        tools.say(`${name} left out: ${(error as Error).message}`);
      }
    }
  return cells;
}

/** The .json is written last. */
const aboutFile = (file: string): string => file.replace(/\.cif$/, '.json');
const isWhole = (file: string): boolean => existsSync(aboutFile(file));

function symbolsOf(file: string): string[] {
  return (JSON.parse(readFileSync(aboutFile(file), 'utf8')) as { symbols: string[] }).symbols;
}

async function requireSound(crystals: CrystalServer, file: string): Promise<void> {
  const { faults } = await crystals.ask<{ faults: readonly string[] }>({ ask: 'check-cell', file });
  if (faults.length > 0) throw new Error(faults.join('; '));
}

async function quench(
  { formula, number, name }: { readonly formula: string; readonly number: number; readonly name: string },
  folder: string,
  { atoms, ...times }: Omit<Quenching, 'formulas' | 'numbers'>,
  { crystals, tools, signal, say }: Tools,
): Promise<void> {
  const packed = await crystals.ask<{ symbols: readonly string[] }>({ ask: 'pack', formula, number, atoms });
  const python = await setUpQuench(tools, say, signal);
  say(`${name}: quenching ${packed.symbols.length} atoms`);
  const scratch = mkdtempSync(join(tmpdir(), 'quench-'));
  try {
    const request = join(scratch, 'request.json');
    const asked = { name, composition: formula, number, folder, ...packed, ...times };
    writeFileSync(request, JSON.stringify(asked));
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' };
    const { code, output, cpuSeconds } = await runProgram([python, QUENCH, request], { env, signal });
    if (code !== 0) throw new Error(`the quench ended with code ${code}: ${output.trim().slice(-300)}`);
    say(`${name}: quenched, ${cpuSeconds.toFixed(0)} s of CPU`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
