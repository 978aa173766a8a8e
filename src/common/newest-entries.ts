/** Entries by key, of which the newest are kept, in the order in which they were set. */
export type NewestEntries<Key, Value> = {
  readonly size: number;
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  /** Makes it the newest; the oldest goes where there are too many. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  /** From the oldest to the newest. */
  values(): IterableIterator<Value>;
};

/**
 * A Map keeps the order, and yields its oldest key first. What is deleted leaves a gap in it, which a new iterator must
 * cross: where each new entry drops the oldest, some ten thousand of them. So there is one iterator, which goes on from
 * where it was: all before it is gone.
 * @param most how many are kept
 */
export function newestEntries<Key, Value>(most: number): NewestEntries<Key, Value> {
  const entries = new Map<Key, Value>();
  const fromOldest = entries.keys();
  return {
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set(key, value) {
      entries.delete(key); // to the end of the order
      entries.set(key, value);
      if (entries.size > most) entries.delete(fromOldest.next().value!);
    },
    delete(key) {
      entries.delete(key);
    },
    values: () => entries.values(),
  };
}
