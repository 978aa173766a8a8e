import type { Message } from 'kafkajs';

/** A record, and where it is to be published. */
export type TopicRecord = { readonly topic: string; readonly message: Message };

/** What is sent to the broker at a time. */
export type ProduceRequest = {
  readonly topicMessages: readonly { readonly topic: string; readonly messages: Message[] }[];
  readonly records: number;
  readonly bytes: number;
};

/** Records in their order, cut into requests of at most so many bytes; a larger record has one of its own. */
export function requestsOf(all: readonly TopicRecord[], requestBytes: number): ProduceRequest[] {
  const requests: ProduceRequest[] = [];
  let byTopic = new Map<string, Message[]>();
  let records = 0;
  let bytes = 0;
  const cut = () => {
    if (records === 0) return;
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    requests.push({ topicMessages, records, bytes });
    byTopic = new Map();
    records = 0;
    bytes = 0;
  };
  for (const { topic, message } of all) {
    const size = sizeOf(message);
    if (bytes + size > requestBytes) cut();
    const messages = byTopic.get(topic) ?? [];
    byTopic.set(topic, messages);
    messages.push(message);
    records += 1;
    bytes += size;
  }
  cut();
  return requests;
}

/** Bytes of a record on the wire, and some more for its frame. */
export function sizeOf({ key, value, headers }: Pick<Message, 'key' | 'value' | 'headers'>): number {
  let bytes = 100 + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  for (const [name, content] of Object.entries(headers ?? {})) {
    const length = Buffer.isBuffer(content) ? content.length : Buffer.byteLength(String(content));
    bytes += Buffer.byteLength(name) + length + 4;
  }
  return bytes;
}
