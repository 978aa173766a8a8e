import { newestEntries } from '../common/newest-entries.ts';
import type { Scan } from '../messages/scan.ts';
import type { KeptReference, ReferenceReading, RunReference } from '../messages/standard.ts';

/** References of the runs whose scans lie in one partition. */
export type RunReferences = {
  /** What the scan at `offset` is compared with. `key`: of its run, sample and edge. */
  of(key: string, offset: bigint): RunReference | null;
  set(key: string, kept: KeptReference): void;
  /** In the order in which they were made. */
  all(): readonly KeptReference[];
};

/** Of a partition so many references are held. */
export const REFERENCES_HELD = 20_000;

/**
 * A reference counts for scans that lie behind it, so that a scan which is processed again, from an earlier offset on,
 * is compared with what it was compared with. The newest `most` are kept, in the order in which they were made, which
 * is theirs in the topic too; a run that goes on after so many others gets a new one.
 */
export function runReferences(most = REFERENCES_HELD): RunReferences {
  const kept = newestEntries<string, KeptReference>(most);
  return {
    of(key, offset) {
      const known = kept.get(key);
      return known !== undefined && known.offset < offset ? known.reference : null;
    },
    set: kept.set,
    all: () => [...kept.values()],
  };
}

/**
 * Whether a reference counts at all: a new model compares with its own readings alone, and offsets of a scans topic
 * that was made anew say nothing of those of the former one.
 */
export const countsFor = (
  kept: KeptReference,
  of: { readonly modelHash: string; readonly scansTopic: string },
): boolean => kept.modelHash === of.modelHash && kept.scansTopic === of.scansTopic;

/** A scan that later ones of its run are compared with, by what was read of it. */
export function runReferenceOf(scan: Scan, reading: ReferenceReading): RunReference {
  const { runId, sampleId, element, edge, scanId } = scan;
  const { meanOxidationState, sigma, halfEdgeEv } = reading;
  return { runId, sampleId, element, edge, scanId, meanOxidationState, sigma, halfEdgeEv };
}
