/** One Kafka record as it was fetched: bytes and where they lay. */
export type SourceRecord = {
  readonly topic: string;
  readonly partition: number;
  /** Kafka offsets are 64-bit; a bigint keeps them exact. */
  readonly offset: bigint;
  /** Broker's or producer's record time, ms since 1970. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** When this process got it, ms since 1970 (fractional). */
  readonly receivedAtMs: number;
  /** Why key, value and headers are not here but only where the record lies. */
  readonly withheld?: string;
};
