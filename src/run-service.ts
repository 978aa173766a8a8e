import { createLogger } from './telemetry.ts';

export type Service = { close(): Promise<void> };

const CLOSE_WITHIN_MS = 25_000;

/**
 * Runs a service until SIGTERM, SIGINT or a fatal error, then closes it in order. The exit code is 0 after a signal and
 * 1 after an error, also when closing does not end: a supervisor restarts what exits with 1.
 */
export async function runService(
  name: string,
  start: (fatal: (error: Error) => void) => Promise<Service>,
): Promise<void> {
  const log = createLogger(name, process.env.LOG_LEVEL || 'info');
  let ending = false;
  let service: Service | undefined;

  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    setTimeout(() => {
      log.fatal(`not closed within ${CLOSE_WITHIN_MS} ms`);
      process.exit(1);
    }, CLOSE_WITHIN_MS).unref();
    try {
      await service?.close();
    } catch (error) {
      log.fatal({ err: error }, 'close failed');
      code = 1;
    }
    log.info({ code }, 'stopped');
    process.exit(code);
  }

  const fatal = (error: unknown) => {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'fatal');
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
    service = await start(fatal);
  } catch (error) {
    fatal(error);
  }
}
