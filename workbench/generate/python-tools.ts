import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonWith } from '../../python/python-with.ts';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'python');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const TOOLS_FOLDER = join(ROOT, '.cache', 'engine');

/**
 * The Python of the data engine, installed on the first call (about a minute) and again whenever the pinned versions
 * change.
 * @returns path of its interpreter
 */
export function setUpPython(
  folder = TOOLS_FOLDER,
  say = (_text: string) => {},
  signal?: AbortSignal,
): Promise<string> {
  return pythonWith({
    requirements: REQUIREMENTS,
    home: join(folder, 'python'),
    say: () => say('setting up Python with FEFF10 and pymatgen (once, about a minute)'),
    signal,
  });
}

/** The program that melts and quenches a cell, for the Python of `setUpQuench`. */
export const QUENCH = join(SOURCE, 'quench.py');
/** The program that relaxes a crystal and its cell, for the same Python. */
export const RELAX = join(SOURCE, 'relax.py');

/**
 * A second Python, with CHGNet and PyTorch, which only cells made with CHGNet need: some gigabytes.
 * @returns path of its interpreter
 */
export function setUpQuench(
  folder = TOOLS_FOLDER,
  say = (_text: string) => {},
  signal?: AbortSignal,
): Promise<string> {
  return pythonWith({
    requirements: join(SOURCE, 'quench-requirements.txt'),
    home: join(folder, 'quench'),
    say: () => say('setting up Python with CHGNet and PyTorch (once, some minutes and gigabytes)'),
    signal,
  });
}

/** A Python process that knows crystals. Requests are answered one after another. */
export class CrystalServer {
  readonly #process: ChildProcess;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];

  constructor(python: string) {
    this.#process = spawn(python, [join(SOURCE, 'serve.py')], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
      detached: true, // An interrupt at the keyboard ends it through close(), not in the middle of an answer.
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as { error?: string };
      const request = this.#waiting.shift();
      if (answer.error === undefined) request?.resolve(answer);
      else request?.reject(new Error(answer.error));
    });
    const fail = (error: Error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    };
    this.#process.once('error', fail);
    this.#process.once('close', (code) => fail(new Error(`The crystal server ended with code ${code}`)));
    this.#process.stdin!.once('error', fail);
  }

  /** @throws what Python said of this request; the next one is answered all the same */
  ask<Answer>(request: object): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve: (answer) => resolve(answer as Answer), reject });
      this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.pid === undefined) return;
    const closed = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    this.#process.kill('SIGKILL');
    await closed;
  }
}
