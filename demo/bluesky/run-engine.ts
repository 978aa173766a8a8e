import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { blueskyPython } from './bluesky-python.ts';

type Metadata = Readonly<Record<string, unknown>>;
type Channels = Readonly<Record<string, readonly (number | readonly number[])[]>>;
type StepScan = { readonly energyEv: readonly number[]; readonly channels: Channels; readonly md?: Metadata };
type Order = { readonly order?: 'kept' | 'shuffled' };

/** What the RunEngine is asked to measure; run_engine.py says what each means. */
export type Measurement =
  | (StepScan &
      Order & { readonly how: 'points' | 'pages'; readonly delay?: number; readonly stopAt?: number })
  | (Order & {
      readonly how: 'spectra';
      readonly energyEv: readonly number[];
      readonly spectra: readonly Channels[];
      readonly md?: Metadata;
    })
  | (Order & { readonly how: 'interleaved'; readonly runs: readonly StepScan[] })
  | { readonly how: 'unrelated'; readonly md?: Metadata }
  | { readonly how: 'raw'; readonly value: string };

/** Uids of the runs, and when the last was over, ms since 1970. */
export type Measured = { readonly runs: readonly string[]; readonly atMs: number };

export type RunEngine = {
  /** Measures, and comes back once all documents are acknowledged. */
  measure(what: Measurement): Promise<Measured>;
  close(): Promise<void>;
};

/**
 * A Bluesky RunEngine with simulated devices, in a Python of its own, that publishes to Kafka.
 * @param options.key of its records; null: none, so that a run's documents go to all partitions
 */
export async function startRunEngine(options: {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly key?: string | null;
  readonly say?: (text: string) => void;
}): Promise<RunEngine> {
  const python = await blueskyPython(options.say);
  const { key = 'run-engine' } = options;
  const script = join(import.meta.dirname, 'run_engine.py');
  const child = spawn(python, [script, options.brokers.join(','), options.topic, key ?? ''], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OPENBLAS_NUM_THREADS: '1' },
    detached: true, // an interrupt at the keyboard ends it through close()
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const waiting: { resolve: (measured: Measured) => void; reject: (error: Error) => void }[] = [];
  const answer = () => new Promise<Measured>((resolve, reject) => waiting.push({ resolve, reject }));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return; // what the RunEngine has to say to people
    const { runs = [], at = 0 } = JSON.parse(line) as { runs?: string[]; at?: number };
    waiting.shift()?.resolve({ runs, atMs: 1000 * at });
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      const error = new Error(`The RunEngine ended with code ${code}: ${complaints}`);
      for (const { reject } of waiting.splice(0)) reject(error);
      resolve();
    });
    child.once('error', () => resolve());
  });
  const killNow = () => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.stdin.on('error', () => {});
  await answer();
  return {
    measure(what) {
      const measured = answer();
      child.stdin.write(`${JSON.stringify(what)}\n`);
      return measured;
    },
    async close() {
      process.off('exit', killNow);
      child.stdin.end();
      const timer = setTimeout(killNow, 3000);
      await ended;
      clearTimeout(timer);
    },
  };
}
