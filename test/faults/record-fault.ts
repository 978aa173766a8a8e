import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the table of `npm run test:faults`. */
export type FaultRun = {
  readonly fault: string;
  /** `holds`: nothing lost, doubled or out of order; `fails`: a control, which must show the fault. */
  readonly expected: 'holds' | 'fails';
  readonly scans: number;
  /** How often the fault was brought about. */
  readonly faults: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder?: number;
  /** How often what could not be committed was fetched again. */
  readonly retries?: number;
  /** Longest time in which nothing came out, s. */
  readonly recoverySeconds?: number;
  /** 99% of the scans took less from their fetch to their publishing, ms. */
  readonly p99Ms?: number;
  /** Largest resident memory of a processor that was seen, MB. */
  readonly memoryMb?: number;
};

const FILE = join(import.meta.dirname, '../../test-results/faults.jsonl');

/** Keeps what a fault test measured for the table (tools/test-faults.mjs). */
export function recordFault(run: FaultRun): void {
  mkdirSync(join(FILE, '..'), { recursive: true });
  appendFileSync(FILE, `${JSON.stringify(run)}\n`);
}
