import { randomUUID } from 'node:crypto';
import { consume } from './consume.ts';
import type { ClientError } from './errors.ts';
import type { Acknowledgement } from './generated.ts';
import { type Asking, expectTopic, withAdmin } from './kafka.ts';
import { ACKNOWLEDGEMENT } from './messages.ts';

export type AcknowledgementBook = {
  /** Those of a request so far, in their order. */
  of(requestId: string): readonly Acknowledgement[];
  /** All requests with an acknowledgement, by their ids. */
  all(): Iterable<readonly [requestId: string, acknowledgements: readonly Acknowledgement[]]>;
  /** The first of a request that fits, read or still to come; null when there is none until then, or it is closed. */
  first(
    requestId: string,
    fits: (acknowledgement: Acknowledgement) => boolean,
    untilMs: number,
  ): Promise<Acknowledgement | null>;
  /** Notes one that this program gives itself. */
  note(acknowledgement: Acknowledgement): void;
  close(): Promise<void>;
};

/**
 * Follows the acknowledgements topic, without a group that remembers: from now on, or from its beginning, and then it
 * comes back when all that is there was read.
 */
export async function followAcknowledgements(
  options: Asking & {
    readonly topic: string;
    readonly name: string;
    readonly from: 'now' | 'beginning';
  },
): Promise<AcknowledgementBook> {
  const { kafka, topic, name, from, onWarning } = options;
  await expectTopic(options, topic);
  const partitions = await withAdmin(options, (admin) => admin.fetchTopicOffsets(topic));
  const book = new Map<string, Acknowledgement[]>();
  const watchers = new Set<() => void>();
  const crashes: ClientError[] = [];
  let isClosed = false;
  const tell = () => {
    for (const watcher of watchers) watcher();
  };
  const note = (acknowledgement: Acknowledgement) => {
    const { requestId } = acknowledgement;
    const before = book.get(requestId) ?? [];
    if (before.some((each) => isSame(each, acknowledgement))) return; // our own, read again
    book.set(requestId, [...before, acknowledgement]);
    tell();
  };
  const until = async (isSo: () => boolean, deadlineMs: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    let watcher = () => {};
    await new Promise<void>((resolve) => {
      watcher = () => {
        if (isSo() || isClosed || crashes.length > 0) resolve();
      };
      watchers.add(watcher);
      if (deadlineMs !== Number.POSITIVE_INFINITY)
        timer = setTimeout(resolve, Math.max(0, deadlineMs - Date.now()));
      watcher();
    });
    clearTimeout(timer);
    watchers.delete(watcher);
    if (crashes[0] !== undefined) throw crashes[0];
  };

  const unread = new Map(
    partitions.flatMap(({ partition, low, high }) =>
      low === high || from === 'now' ? [] : [[partition, Number(high)] as const],
    ),
  );
  const consumer = await consume({
    ...{ kafka, topic, groupId: `${name}-acknowledgements-${randomUUID()}`, commits: false, onWarning },
    startAt: new Map(partitions.map(({ partition, low, high }) => [partition, from === 'now' ? high : low])),
    async onRecord({ partition, offset, value, headers }) {
      try {
        note(ACKNOWLEDGEMENT.decode(value, headers));
      } catch (error) {
        onWarning(`Passed over offset ${offset} of ${topic}/${partition}: ${(error as Error).message}`);
      }
      return true;
    },
    onRead(partition, offset) {
      if (offset + 1 >= (unread.get(partition) ?? 0)) unread.delete(partition);
      tell();
    },
    onCrash(error) {
      crashes.push(error);
      tell();
    },
  });
  await until(() => unread.size === 0, Number.POSITIVE_INFINITY);

  return {
    of: (requestId) => book.get(requestId) ?? [],
    all: () => book.entries(),
    async first(requestId, fits, untilMs) {
      const found = () => book.get(requestId)?.find(fits) ?? null;
      await until(() => found() !== null, untilMs);
      return found();
    },
    note,
    close() {
      isClosed = true;
      tell();
      return consumer.close();
    },
  };
}

const isSame = (one: Acknowledgement, other: Acknowledgement): boolean =>
  one.status === other.status && one.at === other.at && one.by === other.by;
