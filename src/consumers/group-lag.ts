import type { Kafka } from 'kafkajs';

export type GroupLag = {
  /** Records of the topic that the group has not committed yet. */
  readonly waiting: number;
  /** Records that were ever written to the topic. */
  readonly written: number;
};

export type GroupLagReader = { read(): Promise<GroupLag>; close(): Promise<void> };

/** How far a consumer group is behind the end of a topic, as the broker knows it: two requests a reading. */
export async function groupLagReader(kafka: Kafka, groupId: string, topic: string): Promise<GroupLagReader> {
  const admin = kafka.admin();
  await admin.connect();
  return {
    async read() {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = new Map(group?.partitions.map((p) => [p.partition, Number(p.offset)]));
      let waiting = 0;
      let written = 0;
      for (const { partition, high, low } of ends) {
        const offset = committed.get(partition) ?? -1;
        waiting += Math.max(0, Number(high) - Math.max(offset, Number(low)));
        written += Number(high);
      }
      return { waiting, written };
    },
    close: () => admin.disconnect(),
  };
}
