import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import { fetchedRecords } from './fetched-records.ts';
import type { GroupStanding } from './group-standing.ts';
import type { Claim, PartitionClaims } from './partition-claims.ts';
import type { ScanHandlers } from './scan-handlers.ts';
import { offsetMetadataOf } from './topic-identity.ts';
import { whileBeating } from './while-beating.ts';
import type { Works } from './works-of.ts';

export type TakeBatchesOptions = {
  readonly consumer: Pick<Consumer, 'pause' | 'resume' | 'seek'>;
  readonly topic: string;
  readonly claims: PartitionClaims;
  readonly standing: GroupStanding;
  readonly inWork: Works<number>;
  /** So many batches of a partition may be in work while it is fetched. */
  readonly besides: number;
  readonly isStillThere: (topicId: string) => Promise<boolean>;
  readonly sessionTimeoutMs: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly closing: AbortSignal;
  readonly handlers: ScanHandlers;
};

/**
 * What is done with a batch that the client has fetched, when its partition has its turn: handed over where it is of a
 * claim that holds; otherwise passed over, so that it is fetched again. Comes back when the partition may be fetched
 * again.
 */
export function takeBatches(options: TakeBatchesOptions): (payload: EachBatchPayload) => Promise<void> {
  const { consumer, topic, claims, standing, inWork, besides, isStillThere, closing, handlers } = options;
  const { sessionTimeoutMs, nowMs, sleep } = options;

  /** Neither fetched nor in work until then. It goes on where it stopped, unless it was claimed anew meanwhile. */
  function pauseUntil(claimed: Claim, until: Promise<boolean>, settle: (dealt: boolean) => void): void {
    const paused = [{ topic, partitions: [claimed.partition] }];
    ifJoined(() => consumer.pause(paused));
    until
      .then((dealt) => {
        if (claims.of(claimed.partition) !== claimed) return; // it is paused until it is claimed
        settle(dealt);
        ifJoined(() => consumer.resume(paused));
      })
      .catch(handlers.onCrash);
  }

  return async ({ batch, heartbeat, resolveOffset, isRunning, isStale }) => {
    const { partition } = batch;
    const beating = { heartbeat, sessionTimeoutMs, sleep, onWarning: handlers.onWarning };
    // So that the same is not fetched again and again.
    if (closing.aborted) await whileBeating(inWork.ended(), beating);
    if (closing.aborted || !isRunning() || isStale() || batch.messages.length === 0) return;
    const claimed = claims.of(partition);
    if (claimed === undefined) {
      await whileBeating(inWork.atMost(0, partition), beating);
      // A process that was frozen must hear that the group went on without it before it may fence the new owner.
      await heartbeat();
      await claims.claim(partition);
      return;
    }
    const { topicId } = claimed;
    // kafkajs chose another place to read from, since there is nothing any more at the one that it was told.
    const isElsewhere = fetchedFrom(batch) !== claimed.next;
    if (isElsewhere || !(await isStillThere(topicId))) {
      claims.giveUp(claimed);
      return;
    }
    // Meanwhile the batch before may not have been committed, the partition given away, or the end have begun.
    if (claims.of(partition) !== claimed || isStale() || closing.aborted) return;
    const fetched = fetchedRecords(batch, nowMs());
    const resolve = () => {
      claimed.next = fetched.nextOffset;
      resolveOffset(batch.messages.at(-1)!.offset);
    };
    const settle = (dealt: boolean) => {
      if (dealt) {
        standing.committed(partition, topicId, fetched.nextOffset);
        if (besides === 0) resolve();
        return;
      }
      standing.owes(partition, fetched.nextOffset);
      if (!claims.giveUp(claimed) || besides === 0) return;
      // What is fetched next finds no claim, and claims.
      ifJoined(() => consumer.seek({ topic, partition, offset: String(fetchedFrom(batch)) }));
    };
    if (besides > 0) resolve();
    inWork.add(partition, async () => {
      const work = handlers.process({ partition, ...fetched, offsetMetadata: offsetMetadataOf(topicId) });
      const dealt = await (besides === 0 ? work : work.catch(crashed(handlers)));
      if (typeof dealt === 'boolean') return settle(dealt);
      pauseUntil(claimed, dealt.until, settle);
    });
    await whileBeating(inWork.atMost(besides, partition), beating);
  };
}

/** Of a work that nobody waits for: what it threw ends the process, and nothing of it counts. */
const crashed =
  ({ onCrash }: Pick<ScanHandlers, 'onCrash'>) =>
  (error: unknown): false => {
    onCrash(error as Error);
    return false;
  };

/** Tells the client something. It may be between two groups: then whoever joins claims. */
function ifJoined(tell: () => void): void {
  try {
    tell();
  } catch {
    // There is nobody to be told.
  }
}

/** The offset that a batch was asked for; the types of kafkajs do not know it. */
const fetchedFrom = (batch: Batch): bigint =>
  BigInt((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset);
