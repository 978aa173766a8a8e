import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

export type EventLoopLag = {
  /** The longest that the event loop stood still within the last one to two periods, ms. */
  longestMs(): number;
  close(): void;
};

/** Measures how long this process' event loop stands still: while it does, nothing is fetched, beaten or answered. */
export function eventLoopLag(periodMs = 10_000): EventLoopLag {
  const resolution = 20;
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  let beforeMs = 0;
  const longest = () => Math.max(0, histogram.max / 1e6 - resolution);
  const timer = setInterval(() => {
    beforeMs = longest();
    histogram.reset();
  }, periodMs);
  timer.unref();
  return {
    longestMs: () => Math.round(Math.max(beforeMs, longest())),
    close() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
