import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { type Potential, readPotential } from './read-potential.ts';
import { readSpectrum, type Spectrum } from './read-spectrum.ts';
import { runProgram } from './run-program.ts';
import { type DescribedSite, type Mixing, writeDeck } from './write-deck.ts';

export type Feff = {
  /** The command of one stage. */
  readonly command: (stage: Stage) => readonly string[];
};

export type Computed = Spectrum & {
  readonly potential: Potential;
  readonly mixing: Mixing;
  /** Mixings that ended in a fault before, each with it. */
  readonly repeated: readonly string[];
  readonly cpuSeconds: number;
};

/** The stages of a XANES, out of those that FEFF10 has. */
export const FEFF_STAGES = [
  'rdinp',
  'atomic',
  'pot',
  'screen',
  'xsph',
  'fms',
  'mkgtr',
  'path',
  'genfmt',
  'ff2x',
] as const;
type Stage = (typeof FEFF_STAGES)[number];
/** Gentler ones follow where a potential was faulty. */
const MIXINGS: readonly Mixing[] = ['0.2 3', '0.1 20', '0.05 40'];

/** FEFF10 from a folder of its programs (rdinp, atomic, pot, ...), or as the wheel in a Python environment. */
export function feffAt(folder: string | undefined, python: string): Feff {
  if (folder === undefined) return { command: () => [python, '-m', 'feff10._worker'] };
  for (const stage of FEFF_STAGES) {
    if (!existsSync(join(folder, stage)))
      throw new FatalError(`Expected --feff to be a folder with FEFF10's ${stage}, got ${folder}`);
  }
  return { command: (stage) => [resolve(folder, stage)] };
}

/**
 * Runs FEFF stage by stage in a scratch folder, which is removed in every case. About 70 s of CPU for 100 atoms,
 * against 106 s of one whole run: the arrays of `pot` and `screen` are cut to the atoms that self-consistency sees.
 * @param signal ends the running stage; then this throws its reason
 */
export async function runFeff(
  feff: Feff,
  site: DescribedSite,
  title: string,
  signal: AbortSignal,
): Promise<Computed> {
  const folder = mkdtempSync(join(tmpdir(), 'feff-'));
  let cpuSeconds = 0;
  const run = async (stage: Stage): Promise<string> => {
    const done = await runProgram(feff.command(stage), {
      cwd: folder,
      env: stageEnvironment(stage, folder),
      signal,
    });
    cpuSeconds += done.cpuSeconds;
    if (done.code !== 0 && stage !== 'pot')
      throw new Error(`FEFF's ${stage} ended with code ${done.code}: ${lastLines(done.output)}`);
    return done.output;
  };
  try {
    const repeated: string[] = [];
    for (const mixing of MIXINGS) {
      const deck = writeDeck(site, title, mixing);
      writeFileSync(join(folder, 'feff.inp'), deck);
      rmSync(join(folder, 'pot.bin'), { force: true });
      await run('rdinp');
      await run('atomic');
      const restore = cutArrays(folder, site.scfAtoms);
      const log = await run('pot');
      restore();
      const potential = readPotential(log, deck);
      const fault = existsSync(join(folder, 'pot.bin')) ? potential.fault : `pot failed: ${lastLines(log)}`;
      if (fault !== null) {
        repeated.push(`${mixing}: ${fault}`);
        continue;
      }
      for (const stage of FEFF_STAGES.slice(FEFF_STAGES.indexOf('pot') + 1)) await run(stage);
      const spectrum = readSpectrum(readFileSync(join(folder, 'xmu.dat'), 'utf8'));
      return { ...spectrum, potential, mixing, repeated, cpuSeconds };
    }
    throw new Error(`no self-consistent potential; ${repeated.join(' | ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first number of .dimensions.dat is the size of the cluster that arrays are made for. */
function cutArrays(folder: string, atoms: number): () => void {
  const file = join(folder, '.dimensions.dat');
  const whole = readFileSync(file, 'utf8');
  const words = whole.trim().split(/\s+/);
  words[0] = String(Math.min(Number(words[0]), atoms));
  writeFileSync(file, `${words.join('  ')}\n`);
  return () => writeFileSync(file, whole);
}

function stageEnvironment(stage: Stage, folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    FEFF10_WORKER_STAGE: stage,
    FEFF10_WORKER_DIR: folder,
    OMP_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    // FEFF10 makes and frees its work arrays at every energy: kept on the heap, they cost a third less time.
    MALLOC_MMAP_THRESHOLD_: '4000000000',
    MALLOC_TRIM_THRESHOLD_: '8000000000',
    MALLOC_TOP_PAD_: '67108864',
  };
}

const lastLines = (text: string): string => text.trim().slice(-300);
