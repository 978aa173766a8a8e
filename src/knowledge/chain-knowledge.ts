import { isReject } from '../messages/reject.ts';
import type { KeptReference, RunReference, Standard } from '../messages/standard.ts';
import { type RunReferences, runReferences } from '../standards/run-references.ts';
import type { StandardsTable } from '../standards/standards-table.ts';
import { runKeyOf } from '../wire/run-reference-codec.ts';
import { type RegisteredSchemas, type ScanReader, scanReader } from '../wire/scan-codec.ts';

/** What whoever computes is told, in the order in which it came to be known. */
export type Knowledge =
  | { readonly kind: 'standard'; readonly standard: Standard }
  | { readonly kind: 'no-standard'; readonly standardId: string }
  | { readonly kind: 'no-standards' }
  | {
      readonly kind: 'references';
      readonly partition: number;
      /** Whether these are all of them, in place of those that were told before. */
      readonly anew: boolean;
      readonly kept: readonly KeptReference[];
    }
  /** A schema of the registry, by which scans come to be read. */
  | { readonly kind: 'schema'; readonly id: number; readonly schema: string };

/** Takes in what is told of standards; false: the table is full. */
export function learnStandard(table: StandardsTable, told: Knowledge): boolean {
  if (told.kind === 'standard') return table.put(told.standard);
  if (told.kind === 'no-standard') table.remove(told.standardId);
  else if (told.kind === 'no-standards') table.clear();
  return true;
}

/** The references of all partitions, as they were told. */
export function partitionsReferences(): {
  learn(told: Knowledge): void;
  of(partition: number, key: string, offset: bigint): RunReference | null;
} {
  const partitions = new Map<number, RunReferences>();
  return {
    learn(told) {
      if (told.kind !== 'references') return;
      const references = (!told.anew && partitions.get(told.partition)) || runReferences();
      partitions.set(told.partition, references);
      for (const kept of told.kept) references.set(runKeyOf(kept.reference), kept);
    },
    of: (partition, key, offset) => partitions.get(partition)?.of(key, offset) ?? null,
  };
}

/** The schemas of a registry, as they were told: one that is told was found to be readable. */
export function toldSchemas(): RegisteredSchemas & { learn(told: Knowledge): void } {
  const readers = new Map<number, ScanReader>();
  return {
    learn(told) {
      if (told.kind !== 'schema') return;
      const read = scanReader(told.schema, told.id);
      if (!isReject(read)) readers.set(told.id, read);
    },
    of: (id) => readers.get(id),
  };
}
