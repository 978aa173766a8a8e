import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export type ProcessOptions = {
  /** Program to run; this Node by default. */
  readonly command?: string;
  readonly args: readonly string[];
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ready when the output matches, or when the function returns. Without it, ready as soon as it is spawned. */
  readonly ready?: RegExp | (() => Promise<boolean>);
  /** Ends what would wait for ever; no measure of speed. */
  readonly readyTimeoutMs?: number;
  /** How long SIGTERM may take before SIGKILL follows. */
  readonly graceMs?: number;
};

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningProcess = {
  readonly name: string;
  readonly pid: number;
  /** The last 64 kB of stdout and stderr together. */
  output(): string;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after the grace; returns when the process is gone. */
  stop(): Promise<Exit>;
};

const KEPT_OUTPUT = 64 * 1024;

/**
 * Starts a child that cannot outlive this process: it has its own process group, so that Ctrl-C in the terminal
 * leaves the order of stopping to us, and the kernel kills it when this process dies without a word.
 * Throws with the end of its output when it ends, or is not ready in time.
 */
export async function startProcess(name: string, options: ProcessOptions): Promise<RunningProcess> {
  const {
    command = process.execPath,
    args,
    env = {},
    ready,
    readyTimeoutMs = 240_000,
    graceMs = 15_000,
  } = options;
  const child = spawnTied(command, args, { ...process.env, ...env });
  let output = '';
  const watchers = new Set<() => void>();
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
    for (const watcher of watchers) watcher();
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  let ended: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    const settle = (exit: Exit): void => {
      ended = exit;
      resolve(exit);
    };
    child.once('close', (code, signal) => settle({ code, signal }));
    child.once('error', (error) => {
      keep(`${error.message}\n`);
      settle({ code: null, signal: null });
    });
  });

  const running: RunningProcess = {
    name,
    pid: child.pid ?? -1,
    output: () => output,
    exited,
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (ended) return ended;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };

  const deadlineMs = Date.now() + readyTimeoutMs;
  const isReady = async (): Promise<boolean> => {
    if (ready === undefined) return true;
    if (ready instanceof RegExp) return ready.test(output);
    return ready().catch(() => false);
  };
  while (!(await isReady())) {
    if (ended || Date.now() > deadlineMs) {
      const how = ended ? describeExit(ended) : `is not ready after ${readyTimeoutMs / 1000} s`;
      child.kill('SIGKILL');
      await exited;
      throw new Error(`${name} ${how}. Its last output:\n${output.slice(-16_000)}`);
    }
    await nextChange(watchers, exited);
  }
  return running;
}

/** The options of startProcess for a TypeScript file of this repository. */
export const typescript = (file: string, args: readonly string[] = []): Pick<ProcessOptions, 'args'> => ({
  args: ['--import', 'tsx', file, ...args],
});

export const describeExit = ({ code, signal }: Exit): string =>
  signal ? `was ended by ${signal}` : code === null ? 'could not be started' : `ended with code ${code}`;

function spawnTied(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const [file, ...rest] = dieWithParent()
    ? ['setpriv', '--pdeathsig', 'KILL', command, ...args]
    : [command, ...args];
  const child = spawn(file as string, rest, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.once('exit', () => process.off('exit', killNow));
  return child;
}

let setprivWorks: boolean | undefined;

/** Debian's util-linux can tie a child's life to its parent's; elsewhere only the orderly ways to end are covered. */
function dieWithParent(): boolean {
  setprivWorks ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
  return setprivWorks;
}

/** Some output, the end, or 100 ms, whichever is first. */
async function nextChange(watchers: Set<() => void>, exited: Promise<Exit>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let watcher: (() => void) | undefined;
  await Promise.race([
    exited,
    new Promise<void>((resolve) => {
      watcher = resolve;
      watchers.add(resolve);
      timer = setTimeout(resolve, 100);
    }),
  ]);
  clearTimeout(timer);
  if (watcher) watchers.delete(watcher);
}
