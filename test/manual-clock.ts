import type { Clock } from '../src/common/clock.ts';

/** A clock that stands until the test moves it, so that nothing in a test sleeps. */
export function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let nowMs = 0;
  let sleepers: { untilMs: number; wake: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.push({ untilMs: nowMs + ms, wake });
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      nowMs += ms;
      const due = sleepers.filter(({ untilMs }) => untilMs <= nowMs);
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs);
      for (const { wake } of due) wake();
      await settled();
    },
  };
}

/** Comes back when all promises that can settle by themselves have done so. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
