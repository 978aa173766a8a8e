import { type NewestEntries, newestEntries } from '../common/newest-entries.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import { readPartition } from '../consumers/read-partition.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { TopicRecord } from '../producers/requests-of.ts';

/** How a state lies in its topic. */
export type StateCodec<State> = {
  encode(state: State): { readonly value: Buffer; readonly headers: Readonly<Record<string, string>> };
  /** Throws on bytes that do not decode. */
  decode(record: SourceRecord): State;
};

/** States by key, of the partitions that this process has claimed. */
export type KeyedStates<State> = {
  /** Reads back what is committed of a partition that was just claimed, in place of what was known of it. */
  restore(partition: number): Promise<void>;
  /** `sourceTopic`: identity of the topic whose records it is of; one that was made anew has no states yet. */
  get(partition: number, sourceTopic: string, key: string): State | null;
  /** Null: it is needed no longer. */
  set(partition: number, sourceTopic: string, key: string, state: State | null): void;
  /** The record by which a state is kept, to be committed with what it has come about by. */
  record(partition: number, key: string): TopicRecord;
};

const SOURCE_TOPIC = 'source-topic';

type Kept<State> = { readonly sourceTopic: string; readonly state: State };

/**
 * The state of a stream job with its changelog, as Kafka Streams has: a topic with as many partitions as the source
 * has, written in the transactions of the job. Where one fails, the partition is claimed again and read back. The
 * newest `most` keys of a partition are held, in the order in which they were written.
 */
export function keyedStates<State>(options: {
  readonly fetcher: PartitionFetcher;
  readonly topic: string;
  readonly codec: StateCodec<State>;
  readonly most: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): KeyedStates<State> {
  const { topic, codec, most } = options;
  const partitions = new Map<number, NewestEntries<string, Kept<State>>>();

  function keep(states: NewestEntries<string, Kept<State>>, key: string, kept: Kept<State> | null): void {
    if (kept === null) states.delete(key);
    else states.set(key, kept);
  }

  const statesOf = (partition: number): NewestEntries<string, Kept<State>> => {
    const states = partitions.get(partition);
    if (states === undefined) throw new Error(`Expected the states of partition ${partition} to be read`);
    return states;
  };

  return {
    async restore(partition) {
      const states = newestEntries<string, Kept<State>>(most);
      await readPartition({
        ...{ ...options, partition },
        onRecords(records) {
          for (const record of records) {
            const key = record.key!.toString();
            const sourceTopic = record.headers[SOURCE_TOPIC]?.toString() ?? '';
            const state = record.value === null ? null : codec.decode(record);
            keep(states, key, state === null ? null : { sourceTopic, state });
          }
        },
      });
      partitions.set(partition, states);
    },
    get(partition, sourceTopic, key) {
      const kept = statesOf(partition).get(key);
      return kept?.sourceTopic === sourceTopic ? kept.state : null;
    },
    set(partition, sourceTopic, key, state) {
      keep(statesOf(partition), key, state === null ? null : { sourceTopic, state });
    },
    record(partition, key) {
      const kept = statesOf(partition).get(key);
      if (kept === undefined) return { topic, message: { key, partition, value: null } };
      const { value, headers } = codec.encode(kept.state);
      return {
        topic,
        message: { key, partition, value, headers: { ...headers, [SOURCE_TOPIC]: kept.sourceTopic } },
      };
    },
  };
}
