/**
 * Does work that Ctrl-C, or a termination of the process, ends at once; the exit code is then 130.
 * @param work gets the signal that is aborted
 * @returns whether it was interrupted
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(new Error('interrupted'));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
  if (interrupt.signal.aborted) process.exitCode = 130;
  return interrupt.signal.aborted;
}
