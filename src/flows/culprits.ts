import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';

/** A batch that was not committed so often is worked record by record. */
const TOGETHER = 5;
/** A record that was not committed so often by itself, where the broker was there, is the culprit. */
const ALONE = 3;

/**
 * Which record keeps a partition's batches from being committed: the net beneath everything else, since a batch that
 * cannot be committed would be fetched again for ever. Failures of the broker's, which end, say nothing of a record.
 */
export type Culprits = {
  /** Whether the next batch of the partition is to be committed record by record. */
  isWorkedAlone(partition: number): boolean;
  /** Whether a record has kept its partition back by itself: it is to become a pointer to where it lies. */
  isCulprit(partition: number, offset: bigint): boolean;
  /** A commit that ended with `offset` failed; `alone`: of one record. Answers how many in a row have. */
  failed(partition: number, offset: bigint, alone: boolean, error: unknown): number;
  committed(partition: number): void;
};

type Trouble = { failures: number; blamed: number; offset: bigint | null; alone: number };

export function culprits(): Culprits {
  const troubles = new Map<number, Trouble>();
  return {
    isWorkedAlone: (partition) => (troubles.get(partition)?.blamed ?? 0) >= TOGETHER,
    isCulprit(partition, offset) {
      const trouble = troubles.get(partition);
      return trouble?.offset === offset && trouble.alone >= ALONE;
    },
    failed(partition, offset, alone, error) {
      const trouble = troubles.get(partition) ?? { failures: 0, blamed: 0, offset: null, alone: 0 };
      trouble.failures += 1;
      if (!isTheBrokers(error)) {
        trouble.blamed += 1;
        if (alone) trouble.alone = trouble.offset === offset ? trouble.alone + 1 : 1;
        if (alone) trouble.offset = offset;
      }
      troubles.set(partition, trouble);
      return trouble.failures;
    },
    committed: (partition) => void troubles.delete(partition),
  };
}

/** Answers of the broker that are about the records themselves. */
const ABOUT_RECORDS: ReadonlySet<string> = new Set([
  'CORRUPT_MESSAGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
]);

/** Whether an error came from the client's work with the broker and is not about what was sent. */
export function isTheBrokers(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (ABOUT_RECORDS.has((e as { type?: string }).type ?? '')) return false;
  }
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

/** A record of which nothing is kept but where it lies. */
export const withoutContent = (record: SourceRecord): SourceRecord => ({
  ...record,
  key: null,
  value: null,
  headers: {},
});

export const notPublishable = ({ topic, partition, offset, value }: SourceRecord): Reject =>
  reject(
    'not-publishable',
    `Expected to publish the outcome of this record; ${ALONE} tries failed, with no other record in them. ` +
      `Its ${value?.length ?? 0} bytes are at offset ${offset} of ${topic}/${partition} alone.`,
  );

/** ms to wait after so many failures in a row before what could not be committed is tried again. */
export const retryAfterMs = (failures: number): number => Math.min(5000, 50 * 2 ** failures);
