import type { Knowledge } from './chain-knowledge.ts';
import { compareWithinRuns } from './compare-within-runs.ts';
import type { Outcome } from './messages/outcome.ts';
import type { KeptReference, RunReference } from './messages/standard.ts';
import { countsFor, type RunReferences, runReferences } from './standards/run-references.ts';
import { runKeyOf } from './wire/run-reference-codec.ts';

export type PartitionReferences = {
  /** Reads back what is committed of a partition that was just claimed, in place of what was known of it. */
  restore(partition: number): Promise<void>;
  /**
   * Before a batch of the partition is computed: tells whoever computes, where it does not know yet.
   * @param scansTopic identity of the topic that the batch lay in, as it is committed with its offset
   */
  begin(partition: number, scansTopic: string): InRuns;
  /** All that has been told, for who begins to compute only now. */
  told(): readonly Knowledge[];
};

/** Outcomes as they are within their runs, and the references that were made among them, to be committed with them. */
export type InRuns = (
  outcomes: readonly Outcome[],
  again: (indices: readonly number[]) => Promise<readonly Outcome[]>,
) => Promise<{ readonly outcomes: readonly Outcome[]; readonly made: readonly KeptReference[] }>;

type Partition = {
  /** As they were read back; null once those that count have been told. */
  restored: readonly KeptReference[] | null;
  readonly references: RunReferences;
};

/**
 * The references of runs, by partition: a state with a changelog, as Kafka Streams has. What a batch adds is written in
 * the batch's own transaction; where that fails, the partition is claimed again and its references are read back.
 */
export function partitionReferences(options: {
  readonly modelHash: string;
  readonly readBack: (partition: number) => Promise<readonly KeptReference[]>;
  readonly tell: (knowledge: Knowledge) => void;
}): PartitionReferences {
  const { modelHash, readBack, tell } = options;
  const partitions = new Map<number, Partition>();

  return {
    async restore(partition) {
      const restored = await readBack(partition);
      partitions.set(partition, { restored, references: runReferences() });
    },
    begin(partition, scansTopic) {
      const state = partitions.get(partition);
      if (state === undefined)
        throw new Error(`Expected the references of partition ${partition} to be read`);
      const { references } = state;
      if (state.restored !== null) {
        const kept = state.restored.filter((each) => countsFor(each, { modelHash, scansTopic }));
        for (const each of kept) references.set(runKeyOf(each.reference), each);
        state.restored = null;
        tell({ kind: 'references', partition, anew: true, kept });
      }
      return async (outcomes, again) => {
        const made: KeptReference[] = [];
        const onReference = (reference: RunReference, offset: bigint): void => {
          const kept = { reference, modelHash, scansTopic, offset };
          made.push(kept);
          references.set(runKeyOf(reference), kept);
          tell({ kind: 'references', partition, anew: false, kept: [kept] });
        };
        return { outcomes: await compareWithinRuns(outcomes, { references, onReference, again }), made };
      };
    },
    told: () =>
      [...partitions].map(([partition, { references }]) => {
        return { kind: 'references', partition, anew: true, kept: references.all() };
      }),
  };
}
