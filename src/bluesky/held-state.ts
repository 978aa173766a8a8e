import { z } from 'zod';
import { LETTERS, lettersOf } from './letters-of.ts';
import type { Held } from './unplaced-events.ts';

/** Where a topic must be read again from, and what is known of it, as it is committed beside the offsets. */
export type HeldPartition = { readonly offset: bigint; readonly metadata: string };

/**
 * Lists of uids are eight letters each, one behind the other. A broker takes 4,096 bytes of metadata with an offset:
 * 200 runs that ended, 200 that are open and 50 descriptors that are awaited are 3,900 (`assemble-runs.ts`,
 * `ended-runs.ts`, `unplaced-events.ts`).
 */
const letters = z.string().transform((joined) => joined.match(eachUid) ?? []);
const eachUid = new RegExp(`.{${LETTERS}}`, 'g');
/** Behind the letters of a descriptor: how far behind the offset that is committed its first event lies, base 36. */
const DIGITS = 6;
const FURTHEST = 36 ** DIGITS - 1;
const eachAwaited = new RegExp(`(.{${LETTERS}})([0-9a-z]{${DIGITS}})`, 'g');
const none = () => [];

// Lists are of versions before 2026-11-28, which had no `awaited`.
const schema = z.object({
  topic: z.string(),
  ended: z.union([letters, z.array(z.string())]).default(none),
  awaited: z
    .string()
    .transform((joined) => [...joined.matchAll(eachAwaited)])
    .default(none),
  headless: z.union([letters, z.array(z.string()).transform((uids) => uids.map(lettersOf))]).default(none),
});

/**
 * @param next offset from which the partition is read on
 * @param topicId identity of the topic: offsets of one that was deleted mean nothing in the next
 */
export function heldPartition(held: Held | null, next: bigint, topicId: string): HeldPartition {
  if (held === null) return { offset: next, metadata: JSON.stringify({ topic: topicId }) };
  const { ended, awaited, runsWithoutStart } = held;
  const offset = held.oldest ?? next;
  const behind = (from: bigint) =>
    Math.min(Number(from - offset), FURTHEST)
      .toString(36)
      .padStart(DIGITS, '0');
  const state = {
    topic: topicId,
    ...(ended.length > 0 && { ended: ended.join('') }),
    ...(awaited.length > 0 && {
      awaited: awaited.map(({ descriptor, from }) => descriptor + behind(from)).join(''),
    }),
    ...(runsWithoutStart.length > 0 && { headless: runsWithoutStart.join('') }),
  };
  return { offset, metadata: JSON.stringify(state) };
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
  const { ended, awaited, headless } = parsed.data;
  return {
    oldest: offset,
    ended,
    awaited: awaited.map(([, descriptor, behind]) => ({
      descriptor: descriptor!,
      from: offset + BigInt(Number.parseInt(behind!, 36)),
    })),
    runsWithoutStart: headless,
  };
}
