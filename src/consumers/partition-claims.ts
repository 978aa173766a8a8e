import type { Consumer } from 'kafkajs';
import { isFatal } from '../common/errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import type { GroupActivity } from './group-activity.ts';
import type { GroupStanding } from './group-standing.ts';
import type { ScanHandlers } from './scan-handlers.ts';
import type { Works } from './works-of.ts';

/** A partition that this process may work on, for one assignment and one topic. */
export type Claim = {
  readonly partition: number;
  readonly assignment: number;
  readonly topicId: string;
  /** Where it is read on. */
  next: bigint;
};

/** Which partitions this process was given by its group, and which of them it has claimed since. */
export type PartitionClaims = {
  /** Partitions of the current assignment. */
  assigned(): readonly number[];
  /** The group gave these partitions: none is read before it is claimed, and all are claimed now. */
  assign(partitions: readonly number[]): void;
  /** Gives up all claims of the current assignment, and claims again. */
  again(): void;
  /** Claims a partition once; false when that must be tried again. For whoever has its turn. */
  claim(partition: number): Promise<boolean>;
  /** The claim that holds under the current assignment. */
  of(partition: number): Claim | undefined;
  /** False when it was given up, or another took its place, before. */
  giveUp(claim: Claim): boolean;
};

export type PartitionClaimsOptions = {
  readonly consumer: Pick<Consumer, 'pause' | 'resume' | 'seek'>;
  readonly requests: Pick<BrokerRequests, 'topicId'>;
  readonly topic: string;
  readonly standing: GroupStanding;
  readonly inWork: Works<number>;
  /** A partition is claimed, or a batch of it taken, one after the other. */
  readonly turns: <Result>(partition: number, run: () => Promise<Result>) => Promise<Result>;
  readonly activity: GroupActivity;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly closing: AbortSignal;
  readonly handlers: ScanHandlers;
};

const CLAIM_AGAIN_AFTER_MS = 500;
const WARN_EVERY_CLAIM = 60; // every half a minute, while a broker is away

/** The order at every claim, which exactly once stands on (docs/adr/0002-exactly-once.md). */
export function partitionClaims(options: PartitionClaimsOptions): PartitionClaims {
  const { consumer, requests, topic, standing, inWork, turns, activity, sleep, closing, handlers } = options;
  let assignment = 0; // number of the current assignment; a claim holds for one only
  let partitions: readonly number[] = [];
  const claims = new Map<number, Claim>();
  const failed = new Map<number, number>();

  const holding = (partition: number): Claim | undefined => {
    const claimed = claims.get(partition);
    return claimed?.assignment === assignment ? claimed : undefined;
  };

  async function claimUntilDone(partition: number, during: number): Promise<void> {
    try {
      let done = false;
      while (!done && during === assignment && !closing.aborted) {
        done = await turns(
          partition,
          async () => during !== assignment || holding(partition) !== undefined || (await claim(partition)),
        );
      }
    } catch (error) {
      handlers.onCrash(error as Error);
    }
  }

  /**
   * Takes the partition and finds where to read on. A broker that is going away or coming back refuses this in many
   * ways, some of which kafkajs calls final: then it is tried again.
   */
  async function claim(partition: number): Promise<boolean> {
    const during = assignment;
    await inWork.atMost(0, partition); // by the claim that it had
    try {
      await handlers.claim(partition);
      const topicId = await requests.topicId(topic);
      if (topicId === null) throw new Error(`Expected topic ${topic} to exist`);
      const isNew = standing.wasMadeAnew(partition, topicId);
      if (isNew)
        handlers.onWarning(
          `topic ${topic} was made anew; reading partition ${partition} from its start`,
          null,
        );
      const stands = await standing.of(partition, topicId);
      // Another claim follows. Whoever had the partition meanwhile may have committed: the group may stand elsewhere.
      if (during !== assignment) return true;
      const { position } = stands;
      const next = (await handlers.beginAt?.(partition, stands)) ?? position;
      if (during !== assignment) return true;
      consumer.seek({ topic, partition, offset: String(next) });
      claims.set(partition, { partition, assignment, topicId, next });
      failed.delete(partition);
      consumer.resume([{ topic, partitions: [partition] }]);
      activity.succeeded('claim');
      activity.settled(
        String(partition),
        isNew || standing.isSettled(partition, position) ? 'commit' : 'claim',
      );
      return true;
    } catch (error) {
      if (isFatal(error)) throw error;
      activity.waits(String(partition), 'claim', error instanceof Error ? error.message : String(error));
      const times = failed.get(partition) ?? 0;
      failed.set(partition, times + 1);
      if (times % WARN_EVERY_CLAIM === 0)
        handlers.onWarning(`partition ${partition} not claimed; it is tried again`, error);
      await sleep(CLAIM_AGAIN_AFTER_MS, closing);
      return false;
    }
  }

  return {
    assigned: () => partitions,
    assign(assigned) {
      assignment += 1;
      partitions = assigned;
      handlers.onAssigned?.(assigned);
      // Nothing is read of a partition before it is claimed, so that kafkajs does not choose where to begin.
      if (assigned.length > 0) consumer.pause([{ topic, partitions: [...assigned] }]);
      for (const partition of assigned) void claimUntilDone(partition, assignment);
    },
    again() {
      for (const partition of partitions) {
        if (claims.delete(partition)) void claimUntilDone(partition, assignment);
      }
    },
    claim,
    of: holding,
    giveUp: (claimed) => claims.get(claimed.partition) === claimed && claims.delete(claimed.partition),
  };
}
