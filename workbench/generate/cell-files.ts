import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrystalServer, setUpQuench } from './python-tools.ts';
import { runProgram } from './run-program.ts';
import type { Cell } from './tasks.ts';

/** What making a cell needs. */
export type CellTools = {
  readonly crystals: CrystalServer;
  /** Folder of the Pythons. */
  readonly tools: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/**
 * Cells in a folder, in the order in which they were asked for. One that cannot be made is named and left out.
 * @throws the signal's reason where that is aborted
 */
export async function makeCells<Asked extends { readonly name: string }>(
  asked: readonly Asked[],
  folder: string,
  { signal, say }: CellTools,
  make: (asked: Asked) => Promise<Cell>,
): Promise<Cell[]> {
  mkdirSync(folder, { recursive: true });
  const cells: Cell[] = [];
  for (const each of asked) {
    try {
      cells.push(await make(each));
    } catch (error) {
      signal.throwIfAborted();
      say(`${each.name} left out: ${(error as Error).message}`);
    }
  }
  return cells;
}

/**
 * A cell on disk, made by a Python program unless it is there: a .cif, and a .json with what was found beside it,
 * which is written last.
 * @param program a Python file that takes the path of a request
 * @param requestOf what it is asked, once it has to be
 * @returns path of the .cif
 * @throws Error with the reason where the program fails, or the cell's distances, forces or charges cannot be believed
 */
export async function cellFile(
  name: string,
  folder: string,
  program: string,
  requestOf: () => Promise<object>,
  tools: CellTools,
): Promise<string> {
  const file = join(folder, `${name}.cif`);
  if (!existsSync(aboutFile(file))) await make({ name, folder, ...(await requestOf()) }, program, tools);
  const { faults } = await tools.crystals.ask<{ faults: readonly string[] }>({ ask: 'check-cell', file });
  if (faults.length > 0) throw new Error(faults.join('; '));
  return file;
}

/** What was found when a cell was made. */
export const aboutCell = <About>(file: string): About =>
  JSON.parse(readFileSync(aboutFile(file), 'utf8')) as About;

const aboutFile = (file: string): string => file.replace(/\.cif$/, '.json');

async function make(
  request: { readonly name: string; readonly folder: string },
  program: string,
  { tools, signal, say }: CellTools,
): Promise<void> {
  const python = await setUpQuench(tools, say, signal);
  const scratch = mkdtempSync(join(tmpdir(), 'cell-'));
  try {
    const path = join(scratch, 'request.json');
    writeFileSync(path, JSON.stringify(request));
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' };
    const { code, output, cpuSeconds } = await runProgram([python, program, path], { env, signal });
    if (code !== 0) throw new Error(`CHGNet ended with code ${code}: ${output.trim().slice(-300)}`);
    say(`${request.name}: made in ${cpuSeconds.toFixed(0)} s of CPU`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
