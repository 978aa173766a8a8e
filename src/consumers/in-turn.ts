/**
 * Runs what is given under one key one after the other, in the order in which it was given; other keys run beside it.
 */
export function inTurn<Key>(): <Result>(key: Key, run: () => Promise<Result>) => Promise<Result> {
  const last = new Map<Key, Promise<unknown>>();
  return (key, run) => {
    const before = last.get(key) ?? Promise.resolve();
    const result = before.then(run, run);
    last.set(
      key,
      result.then(
        () => {}, // what it came to is not kept
        () => {},
      ),
    );
    return result;
  };
}
