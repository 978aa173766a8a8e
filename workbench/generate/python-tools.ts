import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FatalError } from '../../src/errors.ts';
import { runProgram } from './run-program.ts';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'python');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const TOOLS_FOLDER = join(ROOT, '.cache', 'engine');

/**
 * The Python of the data engine, installed on the first call (about a minute) and again whenever the pinned versions
 * change.
 * @returns path of its interpreter
 */
export async function setUpPython(
  folder = TOOLS_FOLDER,
  say = (_text: string) => {},
  signal?: AbortSignal,
): Promise<string> {
  const what = 'Python with FEFF10 and pymatgen (once, about a minute)';
  return installPython(join(folder, 'python'), REQUIREMENTS, () => say(`setting up ${what}`), signal);
}

/**
 * A Python with the packages of a requirements file.
 * @param home where it lies, or is to lie
 * @param say is called where it takes time
 * @returns path of its interpreter
 */
export async function installPython(
  home: string,
  requirementsFile: string,
  say: () => void,
  signal?: AbortSignal,
): Promise<string> {
  const ready = join(home, 'ready');
  const requirements = readFileSync(requirementsFile, 'utf8');
  const isReady = () => existsSync(ready) && readFileSync(ready, 'utf8') === requirements;
  if (isReady()) return join(home, 'bin', 'python');

  say();
  const building = `${home}.building-${process.pid}`;
  mkdirSync(dirname(home), { recursive: true });
  try {
    await mustSucceed(['python3', '-m', 'venv', building], 'Expected Python 3.11 or later with venv', signal);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
    await mustSucceed(
      [join(building, 'bin', 'python'), ...pip],
      'Could not install the Python packages',
      signal,
    );
    writeFileSync(join(building, 'ready'), requirements);
    // Built aside and moved: two set-ups at once, or one that was killed, leave nothing half made.
    if (!isReady()) {
      rmSync(home, { recursive: true, force: true });
      renameSync(building, home);
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return join(home, 'bin', 'python');
}

async function mustSucceed(
  command: readonly string[],
  complaint: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { code, output } = await runProgram(command, { signal });
  if (code !== 0) throw new FatalError(`${complaint}: ${output.trim().slice(-500)}`);
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
