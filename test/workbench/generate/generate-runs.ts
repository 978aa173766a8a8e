import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEFF_STAGES } from '../../../workbench/generate/run-feff.ts';

/** What stages leave behind, in programs that can be told to fail: FEFF itself is run in crystal-server.test.ts. */
export const STAGES: Readonly<Record<string, string>> = {
  rdinp: 'echo "100 1 1" > .dimensions.dat',
  pot: 'touch pot.bin; echo "Convergence reached in 5 iterations."',
  ff2x: 'for i in $(seq 100 206); do echo "$i 0 0 0.$i 1 0"; done > xmu.dat',
};

/** A program of one stage in a folder. */
export function writeStage(folder: string, stage: string, script: string): void {
  const file = join(folder, stage);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Programs of all stages in a folder, some otherwise than by STAGES. */
export function writeStages(folder: string, otherwise: Readonly<Record<string, string>> = {}): void {
  for (const stage of FEFF_STAGES) writeStage(folder, stage, otherwise[stage] ?? STAGES[stage] ?? 'true');
}

export type GenerateRun = {
  readonly child: ChildProcess;
  /** Of stderr, so far. */
  readonly said: { text: string };
  readonly ended: Promise<number | null>;
};

export function startGenerate(args: readonly string[], env: NodeJS.ProcessEnv = process.env): GenerateRun {
  const child = spawn(process.execPath, ['--import', 'tsx', 'workbench/main.ts', 'generate', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { text: '' };
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said.text += text;
  });
  return { child, said, ended: new Promise((resolve) => child.once('close', resolve)) };
}
