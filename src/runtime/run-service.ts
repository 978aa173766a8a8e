import type { Clock } from '../common/clock.ts';
import { explain, isFatal } from '../common/errors.ts';
import type { Config } from './config.ts';
import { createLogger } from './telemetry.ts';

export type Service = { close(): Promise<void> };

/** What runs a service, as the service sees it. */
export type Runner = {
  /** The service cannot go on: it is closed, and the process exits with 1. */
  readonly onFatal: (error: Error) => void;
  /**
   * Hands `work` through, and holds back the end of the process until it has settled: for what crashes the process when
   * it is cut off, as a thread does that is torn down while it loads the model's engine (SIGABRT).
   */
  readonly uninterrupted: <Result>(work: Promise<Result>) => Promise<Result>;
};

/**
 * After so long the process ends, closed or not: a supervisor kills after 30 s at the most, and what waits for a broker
 * or a Redis that is away would wait for longer. Nothing is lost by it, since what was not committed is done again.
 */
const CLOSE_WITHIN_MS = 8_000;

/**
 * Runs a service until SIGTERM, SIGINT or a fatal error, then closes it in order. The exit code is 0 after a signal, at
 * whatever moment of the start it comes, and 1 after an error: a supervisor restarts what exits with 1. A start is not
 * waited for, since where a broker is away it never ends, but for what it says must not be interrupted.
 * `start` should load what takes time to load: until this function is called a signal ends the process as it ends any.
 */
export async function runService(name: string, start: (runner: Runner) => Promise<Service>): Promise<void> {
  const log = createLogger(name, process.env.LOG_LEVEL);
  let ending = false;
  let service: Service | undefined;
  const notInterrupted = new Set<Promise<unknown>>();

  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    setTimeout(() => {
      log.warn({ code }, `not closed within ${CLOSE_WITHIN_MS} ms; what was not committed is done again`);
      process.exit(code);
    }, CLOSE_WITHIN_MS);
    try {
      await Promise.allSettled(notInterrupted);
      await service?.close();
    } catch (error) {
      log.warn({ err: error }, 'close failed; what was not committed is done again');
    }
    log.info({ code }, 'stopped');
    process.exit(code);
  }

  const fatal = (error: unknown) => {
    if (ending) return log.warn({ err: error }, 'while stopping');
    // What the user can mend is said in one sentence; anything else may be a bug, which the stack shows.
    log.fatal(isFatal(error) ? {} : { err: error }, explain(error));
    void end(1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      void end(0);
    });
  }
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  try {
    service = await start({
      onFatal: fatal,
      async uninterrupted(work) {
        notInterrupted.add(work);
        try {
          return await work;
        } finally {
          notInterrupted.delete(work);
        }
      },
    });
  } catch (error) {
    fatal(error);
  }
}

/**
 * Runs a service that is built from its configuration.
 * @param load imports what builds it: only when signals are heard, since Kafka's client and the model's engine take a
 * second
 */
export function runConfigured(
  name: string,
  load: () => Promise<(config: Config, clock: Clock, runner: Runner) => Promise<Service>>,
): Promise<void> {
  return runService(name, async (runner) => {
    const { readConfig } = await import('./config.ts');
    const config = readConfig(process.env);
    const [start, { systemClock }] = await Promise.all([load(), import('../common/clock.ts')]);
    return start(config, systemClock, runner);
  });
}
