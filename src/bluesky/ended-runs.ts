import { newestEntries } from '../common/newest-entries.ts';
import type { SourceRecord } from '../messages/record.ts';
import { lettersOf } from './letters-of.ts';
import { type Extent, type RunState, widen } from './run-state.ts';

/** Ended runs that are remembered, so that a document that comes late makes no new run. */
const MOST_REMEMBERED = 2000;
/** Ended runs among the documents that must be read again: they are committed with the offsets, 4 kB at the most. */
const MOST_WITHIN = 200;

/** Offset from which a partition must be read again. */
type OldestOf = (partition: number) => bigint | null;

/**
 * Runs that have ended.
 * @param before runs that had ended before a restart, in the letters that `within` gave
 */
export function endedRuns(before: readonly string[]) {
  const known = new Set(before);
  const descriptors = newestEntries<string, string>(2 * MOST_REMEMBERED);
  const uids = newestEntries<string, true>(MOST_REMEMBERED);
  /** Those that may lie among what must be read again, with where they lie. */
  let within = new Map<string, Extent>(before.map((letters) => [letters, new Map()]));

  function add({ uid, extent, descriptors: own }: RunState): void {
    uids.set(uid, true);
    within.set(lettersOf(uid), extent);
    for (const descriptor of own.keys()) descriptors.set(descriptor, uid);
  }

  /** Drops those that lie before what must be read again. */
  function prune(oldestOf: OldestOf): void {
    const asked = new Map<number, bigint | null>();
    const oldestIn = (partition: number): bigint | null => {
      const known = asked.get(partition);
      const oldest = known === undefined ? oldestOf(partition) : known;
      asked.set(partition, oldest);
      return oldest;
    };
    within = new Map(
      [...within].filter(([, extent]) =>
        [...extent].some(([partition, { newest }]) => {
          const oldest = oldestIn(partition);
          return oldest !== null && newest >= oldest;
        }),
      ),
    );
  }

  /** Whether so many lie among what must be read again. */
  function areWithin(least: number, oldestOf: OldestOf): boolean {
    if (within.size < least) return false;
    prune(oldestOf);
    return within.size >= least;
  }

  return {
    has: (uid: string): boolean => uids.has(uid) || (known.size > 0 && known.has(lettersOf(uid))),
    add,
    addDescriptor: (run: string, descriptor: string): void => descriptors.set(descriptor, run),
    runOfDescriptor: (descriptor: string): string | undefined => descriptors.get(descriptor),
    /** A document of an ended run was read (again). */
    widen(uid: string, record: SourceRecord): void {
      const letters = lettersOf(uid);
      const extent = within.get(letters) ?? new Map();
      within.set(letters, extent);
      widen(extent, record);
    },
    within(oldestOf: OldestOf): readonly string[] {
      prune(oldestOf);
      return [...within.keys()];
    },
    forgetWithin(): void {
      within.clear();
    },
    isFull: (oldestOf: OldestOf): boolean => areWithin(MOST_WITHIN + 1, oldestOf),
    /** Whether half as many as are remembered lie among what must be read again. */
    isCrowded: (oldestOf: OldestOf): boolean => areWithin(MOST_WITHIN / 2, oldestOf),
  };
}
