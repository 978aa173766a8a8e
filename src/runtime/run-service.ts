import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../common/clock.ts';
import { explain, isFatal } from '../common/errors.ts';
import type { Config } from './config.ts';
import { createLogger } from './telemetry.ts';

export type Service = { close(): Promise<void> };

/**
 * After so long the process ends, closed or not: a supervisor kills after 30 s at the most, and what waits for a broker
 * or a Redis that is away would wait for longer. Nothing is lost by it, since what was not committed is done again.
 */
const CLOSE_WITHIN_MS = 8_000;

/**
 * What starts is waited for so long before the process ends: a thread that is torn down while it loads the model's
 * engine ends the process with SIGABRT, and that takes seconds where cores are busy. Where a broker is away a start
 * never ends by itself.
 */
const START_WITHIN_MS = 6_000;

/**
 * Runs a service until SIGTERM, SIGINT or a fatal error, then closes it in order. The exit code is 0 after a signal, at
 * whatever moment of the start it comes, and 1 after an error: a supervisor restarts what exits with 1.
 * `start` should load what takes time to load: until this function is called a signal ends the process as it ends any.
 */
export async function runService(
  name: string,
  start: (fatal: (error: Error) => void) => Promise<Service>,
): Promise<void> {
  const log = createLogger(name, process.env.LOG_LEVEL);
  let ending = false;
  let service: Service | undefined;
  let starting: Promise<void> | undefined;

  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    setTimeout(() => {
      log.warn({ code }, `not closed within ${CLOSE_WITHIN_MS} ms; what was not committed is done again`);
      process.exit(code);
    }, CLOSE_WITHIN_MS);
    try {
      await Promise.race([starting, sleep(START_WITHIN_MS)]);
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
  starting = (async () => {
    try {
      service = await start(fatal);
    } catch (error) {
      fatal(error);
    }
  })();
  await starting;
}

/**
 * Runs a service that is built from its configuration.
 * @param load imports what builds it: only when signals are heard, since Kafka's client and the model's engine take a
 * second
 */
export function runConfigured(
  name: string,
  load: () => Promise<(config: Config, clock: Clock, fatal: (error: Error) => void) => Promise<Service>>,
): Promise<void> {
  return runService(name, async (fatal) => {
    const { readConfig } = await import('./config.ts');
    const config = readConfig(process.env);
    const [start, { systemClock }] = await Promise.all([load(), import('../common/clock.ts')]);
    return start(config, systemClock, fatal);
  });
}
