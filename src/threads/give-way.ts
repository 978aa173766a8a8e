import { constants, getPriority, setPriority } from 'node:os';

/** Added to the niceness of the process: docs/performance.md says what that brings. */
const GIVES_WAY = 5;

/**
 * Where cores are short, the thread that speaks Kafka goes before the one that calls this. On Linux alone a thread has
 * a niceness of its own; elsewhere this does nothing.
 * @returns null, or a sentence where the system refuses, as a sandbox may: then threads are equals
 */
export function giveWay(set: (niceness: number) => void = setPriority): string | null {
  if (process.platform !== 'linux') return null;
  try {
    set(Math.min(getPriority() + GIVES_WAY, constants.priority.PRIORITY_LOW));
    return null;
  } catch (error) {
    const { message } = error as Error;
    return `Expected to be allowed to lower a worker thread's priority, got: ${message}; it goes on as it is`;
  }
}
