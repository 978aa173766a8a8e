import type { SpectraAnswer, Unavailable } from '../../../protocol/events.ts';
import type { PageSocket } from './connection.ts';
import type { Spectrum } from './spectrum.ts';

export type Spectra = {
  /** `gone`: Redis no longer holds it; undefined: not asked for yet, or on its way. */
  get(scanId: string): Spectrum | 'gone' | undefined;
  /** Asks for those that are missing; `who` may have one wish, which the next takes the place of. */
  want(who: string, scanIds: readonly string[]): void;
};

const HELD = 600;
const AT_ONCE = 16;
/** Ids of a question; the server takes packets of 10 kB. */
const QUESTION_BYTES = 6000;
const ANSWER_WITHIN_MS = 5_000;
const AT_MOST_EVERY_MS = 300;

/** Spectra of many scans, some at a time, so that a picture fills up while the page stays within what it may ask. */
export function spectra(socket: PageSocket, onArrived: () => void): Spectra {
  const held = new Map<string, Spectrum | 'gone'>();
  const wishes = new Map<string, readonly string[]>();
  let asking = false;

  function missing(): string[] {
    const ids: string[] = [];
    let bytes = 0;
    for (const id of new Set([...wishes.values()].flat())) {
      if (held.has(id)) continue;
      bytes += 3 * id.length + 4;
      if (ids.length === AT_ONCE || (bytes > QUESTION_BYTES && ids.length > 0)) break;
      ids.push(id);
    }
    return ids;
  }

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      for (let ids = missing(); ids.length > 0 && socket.connected; ids = missing()) {
        const found: SpectraAnswer | Unavailable = await socket
          .timeout(ANSWER_WITHIN_MS)
          .emitWithAck('spectra', ids);
        if ('unavailable' in found) return; // the next wish asks again
        for (const [i, each] of unpacked(found).entries()) held.set(ids[i]!, each);
        forget();
        onArrived();
        await new Promise((resolve) => setTimeout(resolve, AT_MOST_EVERY_MS));
      }
    } catch {
      // no answer in time: the next wish asks again
    } finally {
      asking = false;
    }
  }

  /** The oldest that nobody wishes for. */
  function forget(): void {
    const wanted = new Set([...wishes.values()].flat());
    for (const id of held.keys()) {
      if (held.size <= HELD) break;
      if (!wanted.has(id)) held.delete(id);
    }
  }

  return {
    get: (scanId) => held.get(scanId),
    want(who, scanIds) {
      wishes.set(who, scanIds);
      void ask();
    },
  };
}

function unpacked({ spectra: found, numbers }: SpectraAnswer): (Spectrum | 'gone')[] {
  let at = 0;
  const take = (count: number): Float32Array => {
    const some = new Float32Array(numbers, at, count);
    at += some.byteLength;
    return some;
  };
  return found.map((each) =>
    each === null ? 'gone' : { ...each, energyEv: take(each.points), mu: take(each.points) },
  );
}
