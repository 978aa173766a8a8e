import type { Outcome } from '../messages/outcome.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { RunReference } from '../messages/standard.ts';
import type { RunReferences } from '../standards/run-references.ts';

export type CompareParts = {
  /** Of the partition. */
  readonly references: Pick<RunReferences, 'of'>;
  /** A scan became its run's reference: keeps it, so that `again` knows of it. `offset`: of the scan. */
  readonly onReference: (reference: RunReference, offset: bigint) => void;
  /** Computes the outcomes of those numbers again, with the references that there are now. */
  readonly again: (indices: readonly number[]) => Promise<readonly Outcome[]>;
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
  const made = new Set<string>(); // of several scans of one record the first is what later records are compared with
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
      } else if (becomes !== null && !made.has(`${outcome.record.offset} ${key}`)) {
        made.add(`${outcome.record.offset} ${key}`);
        onReference(becomes, outcome.record.offset);
      }
    }
    if (stale.length === 0) return settled;
    const renewed = await again(stale);
    for (const [k, i] of stale.entries()) settled[i] = renewed[k]!;
    pending = stale;
  }
}

/**
 * `CompareParts.again` for outcomes of records: each record is computed once, however many of its scans are asked for.
 * What a record becomes depends on its bytes, so that its outcomes are as many as before, and in their order.
 * @throws Error where they are not, which only a fault can bring about: the batch is then worked anew
 */
export function again(
  outcomes: readonly Outcome[],
  outcomesOf: (record: SourceRecord) => Promise<readonly Outcome[]>,
): CompareParts['again'] {
  const records = outcomes.map(({ record }) => record);
  const firsts = new Map(records.map((record, i) => [record, i] as const).reverse());
  const places = records.map((record, i) => i - firsts.get(record)!); // within its record
  return async (numbers) => {
    const anew = new Map<SourceRecord, Promise<readonly Outcome[]>>();
    for (const i of numbers) if (!anew.has(records[i]!)) anew.set(records[i]!, outcomesOf(records[i]!));
    return Promise.all(
      numbers.map(async (i) => {
        const outcome = (await anew.get(records[i]!)!)[places[i]!];
        if (outcome !== undefined) return outcome;
        throw new Error(`Expected as many outcomes of the record at offset ${records[i]!.offset} as before`);
      }),
    );
  };
}
