import type { Outcome } from '../messages/outcome.ts';
import type { ModelIdentity } from '../messages/prediction.ts';
import type { KeptReference, RunReference } from '../messages/standard.ts';
import { countsFor, type RunReferences, runReferences } from '../standards/run-references.ts';
import { runKeyOf } from '../wire/run-reference-codec.ts';
import type { Knowledge } from './chain-knowledge.ts';
import { compareWithinRuns } from './compare-within-runs.ts';

export type PartitionReferences = {
  /** Reads back what is committed of a partition that was just claimed, in place of what was known of it. */
  restore(partition: number): Promise<void>;
  /**
   * Before a batch of the partition is computed: tells the model that computes it, where it does not know yet.
   * @param scansTopic identity of the topic that the batch lay in, as it is committed with its offset
   */
  begin(partition: number, scansTopic: string, model: Reader): InRuns;
  /** All that a model has been told, for a thread of it that begins to compute only now. */
  told(modelHash: string): readonly Knowledge[];
};

/** A model that reads scans, and compares with what it has read itself alone. */
type Reader = { readonly identity: ModelIdentity; learn(knowledge: Knowledge): void };

/** Outcomes as they are within their runs, and the references that were made among them, to be committed with them. */
export type InRuns = (
  outcomes: readonly Outcome[],
  again: (indices: readonly number[]) => Promise<readonly Outcome[]>,
) => Promise<{ readonly outcomes: readonly Outcome[]; readonly made: readonly KeptReference[] }>;

type Partition = {
  /** As they are committed, whichever model made them. */
  readonly committed: RunReferences;
  /** Those that count, by what they count for. */
  counting: {
    readonly modelHash: string;
    readonly scansTopic: string;
    readonly references: RunReferences;
  } | null;
};

/**
 * The references of runs, by partition: a state with a changelog, as Kafka Streams has. What a batch adds is written in
 * the batch's own transaction; where that fails, the partition is claimed again and its references are read back.
 */
export function partitionReferences(options: {
  readonly readBack: (partition: number) => Promise<readonly KeptReference[]>;
}): PartitionReferences {
  const partitions = new Map<number, Partition>();

  return {
    async restore(partition) {
      const committed = runReferences();
      for (const each of await options.readBack(partition)) committed.set(runKeyOf(each.reference), each);
      partitions.set(partition, { committed, counting: null });
    },
    begin(partition, scansTopic, { identity, learn }) {
      const state = partitions.get(partition);
      if (state === undefined)
        throw new Error(`Expected the references of partition ${partition} to be read`);
      const of = { modelHash: identity.hash, scansTopic };
      if (state.counting?.modelHash !== of.modelHash || state.counting.scansTopic !== scansTopic) {
        const kept = state.committed.all().filter((each) => countsFor(each, of));
        state.counting = { ...of, references: runReferences() };
        for (const each of kept) state.counting.references.set(runKeyOf(each.reference), each);
        learn({ kind: 'references', partition, anew: true, kept });
      }
      const { references } = state.counting;
      return async (outcomes, again) => {
        const made: KeptReference[] = [];
        const onReference = (reference: RunReference, offset: bigint): void => {
          const kept = { reference, ...of, offset };
          made.push(kept);
          for (const each of [references, state.committed]) each.set(runKeyOf(reference), kept);
          learn({ kind: 'references', partition, anew: false, kept: [kept] });
        };
        return { outcomes: await compareWithinRuns(outcomes, { references, onReference, again }), made };
      };
    },
    told: (modelHash) =>
      [...partitions].flatMap(([partition, { counting }]): Knowledge[] =>
        counting?.modelHash === modelHash
          ? [{ kind: 'references', partition, anew: true, kept: counting.references.all() }]
          : [],
      ),
  };
}
