import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';

const LOADER = new URL('./load-typescript.mjs', import.meta.url);

/**
 * A worker thread that runs a program of src/bin.
 * @param data more of `workerData`
 */
export function startThread(
  program: URL,
  data: Readonly<Record<string, unknown>> = {},
  limits: NonNullable<WorkerOptions['resourceLimits']> = {},
): Worker {
  const workerData = { program: program.href, ...data };
  // What the engine sets for its libraries reaches them only from the process's own environment.
  return new Worker(LOADER, { workerData, execArgv: [], resourceLimits: limits, env: SHARE_ENV });
}
