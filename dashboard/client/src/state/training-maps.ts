import type { TrainingMap } from '../../../protocol/events.ts';

export type TrainingMaps = {
  /** null: the server has no such map; undefined: it is on its way. Asks for it where nobody has. */
  of(modelHash: string): TrainingMap | null | undefined;
};

const AGAIN_AFTER_MS = 5_000;

/** Maps of the models that judged scans, each fetched when it is first looked at. */
export function trainingMaps(onArrived: () => void): TrainingMaps {
  const held = new Map<string, TrainingMap | null | 'asked'>();

  async function ask(modelHash: string): Promise<void> {
    held.set(modelHash, 'asked');
    try {
      const answer = await fetch(`/map?model=${encodeURIComponent(modelHash)}`);
      if (!answer.ok) throw new Error(answer.statusText);
      held.set(modelHash, (await answer.json()) as TrainingMap | null);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      held.delete(modelHash); // whoever still looks asks again
    }
    onArrived();
  }

  return {
    of(modelHash) {
      const found = held.get(modelHash);
      if (found === undefined) void ask(modelHash);
      return found === 'asked' ? undefined : found;
    },
  };
}
