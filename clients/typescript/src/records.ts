import { consume, type IncomingRecord } from './consume.ts';
import type { ClientError } from './errors.ts';
import { type Asking, expectTopic, nullIfAborted, withAdmin } from './kafka.ts';

export type ReadOptions = {
  /** Consumer group: programs of one group share the records [the program's name; but of descriptors, and of what]. */
  readonly group?: string;
  /** Where a group begins that has read nothing yet [now]. */
  readonly from?: 'now' | 'beginning';
  /** Ends the reading. */
  readonly signal?: AbortSignal;
};

type Reading = Required<Pick<ReadOptions, 'group' | 'from'>> &
  Asking & {
    readonly topic: string;
    /** What is open; whoever takes no more records does not come to the end of the reading. */
    readonly open: Set<{ close(): Promise<void> }>;
  };

/**
 * Committed records of a topic as they come. A record counts as read when the next one is asked for: after a crash, or
 * a `break`, the last one comes again.
 */
export async function* recordsOf(reading: Reading): AsyncGenerator<IncomingRecord, void, undefined> {
  const { kafka, topic, group, signal, onWarning } = reading;
  const startAt = await startOf(reading).catch(nullIfAborted(signal));
  if (startAt === null) return;
  const handOver = handOff<IncomingRecord>();
  const crashes: ClientError[] = [];
  const end = () => handOver.close();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const consumer = await consume({
    ...{ kafka, topic, groupId: group, commits: true, startAt, onWarning },
    onRecord: handOver.give,
    onCrash: (error) => {
      crashes.push(error);
      end();
    },
  });
  reading.open.add(consumer);
  try {
    for (;;) {
      const taken = await handOver.take();
      if (taken === null) break;
      yield taken.item;
      taken.done();
    }
  } finally {
    end();
    signal.removeEventListener('abort', end);
    reading.open.delete(consumer);
    await consumer.close();
  }
  if (crashes[0] !== undefined) throw crashes[0];
}

/** Where to begin partitions of which the group has read nothing; of those that are missing, at their beginning. */
async function startOf(reading: Reading): Promise<Map<number, string>> {
  const { topic, group, from } = reading;
  await expectTopic(reading, topic);
  if (from === 'beginning') return new Map();
  return withAdmin(reading, async (admin) => {
    const [read] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const known = new Set(
      read?.partitions.filter(({ offset }) => offset !== '-1').map((each) => each.partition),
    );
    const ends = await admin.fetchTopicOffsets(topic);
    return new Map(ends.filter((end) => !known.has(end.partition)).map((end) => [end.partition, end.high]));
  });
}

type Taken<Item> = { readonly item: Item; done(): void };

/**
 * One gives, the other takes, one item at a time; who gives waits until the item is done with. A reading that began
 * again while an item is in work gives it once more: it waits behind that.
 */
function handOff<Item>() {
  type Offer = { readonly item: Item; readonly settle: (taken: boolean) => void };
  const waiting: Offer[] = [];
  const unsettled = new Set<Offer>();
  let asking: (() => void) | null = null;
  let closed = false;
  return {
    /** Resolves to true when the item is done with, to false when the taker has left before. */
    give: (item: Item): Promise<boolean> =>
      new Promise((settle) => {
        if (closed) return settle(false);
        const offer = { item, settle };
        waiting.push(offer);
        unsettled.add(offer);
        asking?.();
      }),
    async take(): Promise<Taken<Item> | null> {
      while (waiting.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          asking = resolve;
        });
      }
      const offer = closed ? undefined : waiting.shift();
      if (offer === undefined) return null;
      return {
        item: offer.item,
        done() {
          unsettled.delete(offer);
          offer.settle(true);
        },
      };
    },
    close(): void {
      closed = true;
      for (const { settle } of unsettled) settle(false);
      unsettled.clear();
      asking?.();
    },
  };
}
