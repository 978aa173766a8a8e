import type { Kafka } from 'kafkajs';

export type CommittedOffset = { readonly offset: bigint; readonly metadata: string | null };

export type CommittedOffsets = {
  /** What a group has committed of a partition; offset -1: nothing. */
  of(groupId: string, partition: number): Promise<CommittedOffset>;
  close(): Promise<void>;
};

/** Offsets that groups have committed of a topic, with what was committed beside them. */
export async function committedOffsets(kafka: Kafka, topic: string): Promise<CommittedOffsets> {
  const admin = kafka.admin();
  await admin.connect();
  return {
    async of(groupId, partition) {
      const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const found = answer?.partitions.find((each) => each.partition === partition);
      return { offset: BigInt(found?.offset ?? -1), metadata: found?.metadata ?? null };
    },
    close: () => admin.disconnect(),
  };
}
