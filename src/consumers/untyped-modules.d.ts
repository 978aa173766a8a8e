declare module 'snappyjs' {
  export function uncompress(bytes: Uint8Array): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
declare module 'lz4js' {
  export function decompress(bytes: Uint8Array): Uint8Array;
  /** Unpacks `length` bytes from `from` into `into` at `at`; the answer is where that ends. */
  export function decompressBlock(
    bytes: Uint8Array,
    into: Uint8Array,
    from: number,
    length: number,
    at: number,
  ): number;
  export function compress(bytes: Uint8Array): Uint8Array;
}
declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(size?: number);
    readonly buffer: Buffer;
    writeBoolean(value: boolean): this;
    writeBuffer(value: Buffer): this;
    writeUVarIntArray(value: readonly Encoder[]): this;
    writeUVarIntBytes(value?: Buffer): this;
    writeUVarIntString(value: string): this;
  }
}
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
    readBytes(length: number): Buffer | null;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readTaggedFields(): unknown;
    readUVarInt(): number;
    readUVarIntArray<Item>(read: (decoder: Decoder) => Item): Item[] | null;
    readUVarIntString(): string | null;
  }
}
declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js' {
  export default function decodeRecord(decoder: object, batch: object): object;
}
declare module 'kafkajs/src/consumer/batch.js' {
  /** Of what was fetched, the records that are committed and were asked for. */
  export default class Batch {
    constructor(topic: string, fetchedOffset: string, answer: object);
    readonly messages: readonly import('kafkajs').KafkaMessage[];
  }
}
declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  const definitions: object;
  export default definitions;
}
declare module 'kafkajs/src/protocol/requests/produce/v3/request.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  export default function produce(of: object): { encode(): Promise<Encoder> };
}
