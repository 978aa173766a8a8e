import { type LogEntry, logLevel } from 'kafkajs';

export type KafkaLog = (
  level: 'error' | 'warn' | 'info',
  message: string,
  detail: Readonly<Record<string, unknown>>,
) => void;

/**
 * The same line again is held back for so long: while a broker is away the client says the same several times a second.
 */
const SAME_AFTER_MS = 30_000;

/**
 * Log lines of kafkajs as lines of ours. What it calls an error it tries again, and what it gives up comes to us as a
 * rejection or a crash, where it is judged; so its errors are warnings, its warnings information. A line that differs
 * from one before only in numbers is held back for half a minute, and then says how often it came.
 */
export function kafkaLog(log: KafkaLog, nowMs: () => number = () => performance.now()) {
  const said = new Map<string, { atMs: number; heldBack: number }>();
  return (entry: Pick<LogEntry, 'namespace' | 'level' | 'log'>): void => {
    const { message, timestamp: _, ...detail } = entry.log;
    // Retries are limited on purpose: after the last one the partition is claimed anew, which settles what was
    // committed.
    if (message.startsWith('Limiting retries for the idempotent producer')) return;
    const key = `${entry.namespace} ${message} ${detail.error ?? ''}`.replace(/\d+/g, '');
    const before = said.get(key);
    if (before !== undefined && nowMs() - before.atMs < SAME_AFTER_MS) {
      before.heldBack += 1;
      return;
    }
    if (said.size > 1000) said.clear();
    said.set(key, { atMs: nowMs(), heldBack: 0 });
    const heldBack = before?.heldBack ?? 0;
    const { stack, ...rest } = detail;
    const isOurs = message.startsWith('Error when calling each'); // thrown by what was given to the client: a bug
    log(isOurs ? 'error' : entry.level === logLevel.ERROR ? 'warn' : 'info', message, {
      ...rest,
      ...(isOurs && { stack }),
      ...(heldBack > 0 && { heldBack }),
      kafkajs: entry.namespace,
    });
  };
}
