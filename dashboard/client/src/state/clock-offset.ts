export type ClockOffset = {
  /** Measures anew; takes some hundred ms. */
  measure(): void;
  /** The server's clock, ms since 1970, as well as this page knows it. */
  serverNow(): number;
  /** Half the round trip of the best measurement: by so much the clock may be off; null: not measured yet. */
  uncertaintyMs(): number | null;
};

const SAMPLES = 5;

/**
 * The difference between this computer's clock and the server's, as in NTP: the question with the shortest round trip
 * tells most, since the answer was stamped somewhere within it.
 */
export function clockOffset(ask: (answer: (serverMs: unknown) => void) => void): ClockOffset {
  let offsetMs = 0;
  let best: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => performance.timeOrigin + performance.now();

  function measure(left = SAMPLES): void {
    clearTimeout(timer);
    if (left === SAMPLES) best = null;
    const sentAt = now();
    ask((serverMs) => {
      const backAt = now();
      const half = (backAt - sentAt) / 2;
      if (typeof serverMs === 'number' && (best === null || half < best)) {
        best = half;
        offsetMs = serverMs - (sentAt + backAt) / 2;
      }
      if (left > 1) timer = setTimeout(measure, 50, left - 1);
    });
  }
  return {
    measure: () => measure(),
    serverNow: () => now() + offsetMs,
    uncertaintyMs: () => best,
  };
}
