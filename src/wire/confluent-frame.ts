import { HEADER_CONTENT_TYPE } from './wire-type.ts';

/**
 * Avro as Confluent's serialisers write it: a zero, the schema's id in its registry as 4 bytes, big-endian, and the
 * bytes. https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export const CONFLUENT_CONTENT_TYPE = 'application/avro; framing=confluent';

const MAGIC = 0;
const FRAME_BYTES = 5;

/** The schema id before framed bytes; null where they are not framed. */
export function frameId(bytes: Buffer): number | null {
  return bytes.length > FRAME_BYTES && bytes[0] === MAGIC ? bytes.readUInt32BE(1) : null;
}

export function framed(bytes: Buffer, schemaId: number): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeUInt32BE(schemaId, 1);
  return Buffer.concat([frame, bytes]);
}

/** What lies behind the frame. */
export const unframed = (bytes: Buffer): Buffer => bytes.subarray(FRAME_BYTES);

/** Whether a content type is that of framed bytes; spaces and case do not count. */
export const isConfluent = (contentType: string): boolean =>
  bare(contentType) === bare(CONFLUENT_CONTENT_TYPE);

const bare = (contentType: string): string => contentType.toLowerCase().replaceAll(' ', '');

export type Headers = Readonly<Record<string, Buffer | undefined>>;

/** The Avro bytes of a record of ours: behind the frame, where its content type says that there is one. */
export function payload(bytes: Buffer, headers: Headers): Buffer {
  const contentType = headers[HEADER_CONTENT_TYPE]?.toString();
  return contentType !== undefined && isConfluent(contentType) ? unframed(bytes) : bytes;
}

type Message<Headers> = { readonly value: Buffer; readonly headers: Headers };

/** A record as it is published: framed, and its content type says so, where its topic's schema has an id. */
export function inFrame<M extends Message<Readonly<Record<string, string>>>>(
  message: M,
  schemaId: number | undefined,
): M {
  if (schemaId === undefined) return message;
  const headers = { ...message.headers, [HEADER_CONTENT_TYPE]: CONFLUENT_CONTENT_TYPE };
  return { ...message, value: framed(message.value, schemaId), headers };
}
