import type { JsonBytes } from '../protocol/events.ts';

const encoder = new TextEncoder();
const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

/** Text that is JSON of a T, as it travels. */
export const jsonBytes = <T>(json: string): JsonBytes<T> => encoder.encode(json).buffer as JsonBytes<T>;

/** Rows are JSON in Redis already: they pass as bytes, neither parsed nor decoded. */
export function jsonList<T>(rows: readonly Buffer[]): JsonBytes<readonly T[]> {
  const parts = rows.flatMap((row, i) => (i === 0 ? [row] : [COMMA, row]));
  return Uint8Array.from(Buffer.concat([OPEN, ...parts, CLOSE])).buffer;
}
