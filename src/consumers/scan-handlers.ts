import type { FetchedRecords } from './fetched-records.ts';

/** Records of one partition, in the order of their offsets. */
export type PartitionBatch = FetchedRecords & {
  readonly partition: number;
  /**
   * Goes with the offset that is committed, so that nobody takes it for one of a topic that was made anew: `topicOf`.
   */
  readonly offsetMetadata: string;
};

/** Where a group stands in a partition, and the first offset that is still there. */
export type Standing = {
  readonly topicId: string;
  readonly position: bigint;
  readonly first: bigint;
};

/**
 * A batch that waits until other partitions have been read further: its partition is not fetched meanwhile, and they
 * are. What comes of it in the end is as if `process` had answered it.
 */
export type Waiting = { readonly until: Promise<boolean> };

/** What a source of scans asks of whoever reads it, and tells them. */
export type ScanHandlers = {
  /** Called at every (re)assignment, before any partition of it is claimed. */
  readonly onAssigned?: (partitions: readonly number[]) => void;
  /**
   * Called for a partition after every (re)assignment, before it is read: shuts out whoever had the partition before.
   * Only after it has come back is the committed offset read, since until then the other may still commit.
   */
  readonly claim: (partition: number) => Promise<void>;
  /** Where to begin to read a claimed partition, at or before where the group stands; there by default. */
  readonly beginAt?: (partition: number, standing: Standing) => Promise<bigint>;
  /**
   * Deals with a batch; `true` when its offsets are committed, `false` when the partition must be claimed and read
   * again. Whoever waits in here holds up all partitions: that a batch waits for one of them is answered instead.
   */
  readonly process: (batch: PartitionBatch) => Promise<boolean | Waiting>;
  /** Records from offset `from` up to, not including, `to` were deleted before this group had read them. */
  readonly onLost: (partition: number, from: bigint, to: bigint) => void;
  readonly onCrash: (error: Error) => void;
  readonly onWarning: (message: string, error: unknown) => void;
};
