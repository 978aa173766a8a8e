import { spawn } from 'node:child_process';

export type Finished = { readonly code: number; readonly output: string; readonly cpuSeconds: number };

/**
 * `times` of the shell is the only portable way to a child's CPU seconds; wall time says nothing on a machine that is
 * shared.
 */
const WITH_TIMES = '"$@" 2>&1; code=$?; times >&3; exit $code';

/**
 * Runs a program to its end in a process group of its own, which is killed when the signal aborts (then throws its
 * reason).
 */
export async function runProgram(
  command: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Finished> {
  options.signal?.throwIfAborted();
  const child = spawn('sh', ['-c', WITH_TIMES, 'sh', ...command], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  let output = '';
  let times = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  (child.stdio[3] as NodeJS.ReadableStream).setEncoding('utf8').on('data', (text: string) => {
    times += text;
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It had ended by itself.
    }
  };
  options.signal?.addEventListener('abort', kill);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
    options.signal?.throwIfAborted();
    return { code, output, cpuSeconds: childSeconds(times) };
  } finally {
    options.signal?.removeEventListener('abort', kill);
  }
}

/** @param times two lines, the shell's and its children's, each as user and system `1m2.34s` */
function childSeconds(times: string): number {
  const line = times.trim().split('\n')[1] ?? '';
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
}
