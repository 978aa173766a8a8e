import { z } from 'zod';
import type { Held } from './unplaced-events.ts';

/** Where a topic must be read again from, and what is known of it, as it is committed beside the offsets. */
export type HeldPartition = { readonly offset: bigint; readonly metadata: string };

/** A broker takes 4,096 bytes of metadata with an offset. */
const MOST_BYTES = 4096;
const MOST_WITHOUT_START = 20;

const schema = z.object({
  topic: z.string(),
  ended: z.array(z.string()).default([]),
  unplaced: z.array(z.number().int()).default([]),
  headless: z.array(z.string()).default([]),
});

/**
 * @param next offset from which the partition is read on
 * @param topicId identity of the topic: offsets of one that was deleted mean nothing in the next
 */
export function heldPartition(held: Held | null, next: bigint, topicId: string): HeldPartition {
  if (held === null) return { offset: next, metadata: JSON.stringify({ topic: topicId }) };
  const offset = held.oldest ?? next;
  const state = {
    topic: topicId,
    ...(held.ended.length > 0 && { ended: held.ended }),
    ...(held.unplaced.length > 0 && { unplaced: held.unplaced.map((each) => Number(each - offset)) }),
    ...(held.runsWithoutStart.length > 0 && {
      headless: held.runsWithoutStart.slice(0, MOST_WITHOUT_START),
    }),
  };
  let metadata = JSON.stringify(state);
  // What does not fit is forgotten: after a restart such events become dead letters once more at the most.
  if (metadata.length > MOST_BYTES) metadata = JSON.stringify({ topic: topicId, ended: held.ended });
  return { offset, metadata };
}

/** What was committed of a partition; null where it was for another topic, or for none. */
export function readHeldPartition(offset: bigint, metadata: string | null, topicId: string): Held | null {
  if (offset < 0n || metadata === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(metadata);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success || parsed.data.topic !== topicId) return null;
  const { ended, unplaced, headless } = parsed.data;
  return {
    oldest: offset,
    ended,
    unplaced: unplaced.map((each) => offset + BigInt(each)),
    runsWithoutStart: headless,
  };
}
