import type { BrokerRequests } from './broker-requests.ts';

const TOPIC = /^topic:([0-9a-f]{32})$/;

/** What is committed with an offset: a topic that is made anew has the name, and may reach the offsets, of this one. */
export const offsetMetadataOf = (topicId: string): string => `topic:${topicId}`;

/** The identity of the topic that an offset was committed for; null where whoever committed it did not say. */
export const topicOf = (offsetMetadata: string | null): string | null =>
  TOPIC.exec(offsetMetadata ?? '')?.[1] ?? null;

/**
 * Whether the topic still has the identity that it was claimed with. Records were fetched before this is asked: they
 * are then of that topic. The broker is asked once for all partitions of a fetch.
 */
export function topicStillThere({
  requests,
  topic,
  onWarning,
}: {
  readonly requests: BrokerRequests;
  readonly topic: string;
  readonly onWarning: (message: string, error: unknown) => void;
}): (topicId: string) => Promise<boolean> {
  let asked: Promise<string | null> | null = null;
  return (topicId) => {
    asked ??= requests.topicId(topic);
    setImmediate(() => {
      asked = null;
    });
    return asked.then(
      (now) => now === topicId,
      (error) => {
        onWarning(`topic ${topic} could not be looked up; its records will be fetched again`, error);
        return false;
      },
    );
  };
}
