/** What is in work under each key, several at a time. */
export type Works<Key> = {
  /** Begins a work at once. What it throws is thrown by whoever waits for it. */
  add(key: Key, work: () => Promise<void>): void;
  /** Waits until at most so many works of the key are left. */
  atMost(count: number, key: Key): Promise<void>;
  /** Waits for all works of all keys, whatever comes of them. */
  ended(): Promise<void>;
};

export function worksOf<Key>(): Works<Key> {
  const works = new Map<Key, Set<Promise<void>>>();
  return {
    add(key, work) {
      const ofKey = works.get(key) ?? new Set();
      works.set(key, ofKey);
      const running: Promise<void> = work().finally(() => void ofKey.delete(running));
      ofKey.add(running);
      running.catch(() => {}); // told to whoever waits
    },
    async atMost(count, key) {
      const ofKey = works.get(key) ?? new Set();
      while (ofKey.size > count) await Promise.race(ofKey);
    },
    async ended() {
      await Promise.allSettled([...works.values()].flatMap((ofKey) => [...ofKey]));
    },
  };
}
