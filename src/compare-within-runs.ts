import type { Outcome } from './messages/outcome.ts';
import type { RunReference } from './messages/standard.ts';
import type { RunReferences } from './standards/run-references.ts';

export type CompareParts = {
  /** Of the partition. */
  readonly references: Pick<RunReferences, 'of'>;
  /** A scan became its run's reference: keeps it, so that `again` knows of it. `offset`: of the scan. */
  readonly onReference: (reference: RunReference, offset: bigint) => void;
  /** Computes the outcome of the record of that number again, with the references that there are now. */
  readonly again: (index: number) => Promise<Outcome>;
};

/**
 * The outcomes of a batch as they are when its records are worked one after the other. They were computed side by side,
 * with the references of their runs that were known before: where one of them becomes its run's reference, those of the
 * run behind it are computed again, once in the life of a run. The first of a run that is out of date is right after
 * one round, since all before it are.
 */
export async function compareWithinRuns(
  outcomes: readonly Outcome[],
  { references, onReference, again }: CompareParts,
): Promise<readonly Outcome[]> {
  const settled = [...outcomes];
  let pending: readonly number[] = outcomes.map((_, i) => i);
  for (;;) {
    const stale: number[] = [];
    const staleRuns = new Set<string>();
    for (const i of pending) {
      const outcome = settled[i]!;
      if (outcome.kind !== 'descriptors') continue;
      const { key, comparedWith, becomes } = outcome.run;
      const reference = references.of(key, outcome.record.offset);
      if (staleRuns.has(key) || (reference?.scanId ?? null) !== comparedWith) {
        staleRuns.add(key);
        stale.push(i);
      } else if (becomes !== null) {
        onReference(becomes, outcome.record.offset);
      }
    }
    if (stale.length === 0) return settled;
    const renewed = await Promise.all(stale.map(again));
    for (const [k, i] of stale.entries()) settled[i] = renewed[k]!;
    pending = stale;
  }
}
