export type Latency = {
  /** A scan whose shutter closed at `fromMs` (server's clock) arrived; it is drawn with the next frame. */
  arrived(fromMs: number): void;
  /** Called right after a frame was drawn. */
  drawn(): void;
  /** The page was hidden, and draws nothing until it is seen again: what waits for a frame says nothing of the way. */
  hidden(): void;
  /** ms; null before the first scan. */
  percentile(share: number): number | null;
  count(): number;
};

const HELD = 500;

/**
 * Shutter to screen of the last 500 scans that came live: from the end of the scan to the frame that first shows it.
 */
export function latency(serverNow: () => number): Latency {
  const waiting: number[] = [];
  const held: number[] = [];
  let sorted: number[] | null = null;
  return {
    arrived(fromMs) {
      waiting.push(fromMs);
      if (waiting.length > HELD) waiting.shift();
    },
    drawn() {
      if (waiting.length === 0) return;
      const now = serverNow();
      for (const from of waiting) held.push(now - from);
      waiting.length = 0;
      if (held.length > HELD) held.splice(0, held.length - HELD);
      sorted = null;
    },
    hidden() {
      waiting.length = 0;
    },
    percentile(share) {
      if (held.length === 0) return null;
      sorted ??= [...held].sort((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    },
    count: () => held.length,
  };
}
