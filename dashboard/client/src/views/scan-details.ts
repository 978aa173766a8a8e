import type { ScanDetail } from '../../../protocol/events.ts';
import type { PageSocket } from '../state/connection.ts';

/** One scan whole, for the panel that says all of it. */
export type ScanSpectrum = {
  readonly detail: ScanDetail;
  readonly energyEv: Float32Array;
  readonly mu: Float32Array;
};

/** `gone`: Redis no longer holds the scan; undefined: not asked for yet, or on its way. */
export type Held = ScanSpectrum | 'gone' | undefined;

export type ScanDetails = { get(scanId: string): Held; want(scanIds: readonly string[]): void };

const HELD = 24;
const ANSWER_WITHIN_MS = 5_000;
const AT_MOST_EVERY_MS = 100;

/**
 * Spectra, asked for one at a time and at most 10 a second: at 100 scans a second only the newest is worth drawing, and
 * a slow line must not queue up old ones. `onArrived`: something can be drawn.
 */
export function scanDetails(socket: PageSocket, onArrived: () => void): ScanDetails {
  const held = new Map<string, ScanSpectrum | 'gone'>();
  let wanted: readonly string[] = [];
  let asking = false;

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      for (;;) {
        const scanId = wanted.find((id) => !held.has(id));
        if (scanId === undefined || !socket.connected) return;
        const found = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('scan', scanId);
        if (found !== null && 'unavailable' in found) return;
        keep(scanId, found === null ? 'gone' : spectrum(found));
        onArrived();
        await new Promise((resolve) => setTimeout(resolve, AT_MOST_EVERY_MS));
      }
    } catch {
      // no answer in time: the next wish asks again
    } finally {
      asking = false;
    }
  }

  function keep(scanId: string, found: ScanSpectrum | 'gone'): void {
    held.set(scanId, found);
    for (const id of held.keys()) {
      if (held.size <= HELD) break;
      if (!wanted.includes(id)) held.delete(id);
    }
  }

  return {
    get: (scanId) => held.get(scanId),
    want(scanIds) {
      wanted = scanIds;
      void ask();
    },
  };
}

const spectrum = (detail: ScanDetail): ScanSpectrum => ({
  detail,
  energyEv: new Float32Array(detail.energyEv),
  mu: new Float32Array(detail.mu),
});
