import type { IHeaders } from 'kafkajs';

/** Kafka allows a header key several times; the last one counts, as in Java's lastHeader. */
export function flatHeaders(headers: IHeaders | undefined): Record<string, Buffer> {
  const flat: Record<string, Buffer> = {};
  for (const [key, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) flat[key] = Buffer.from(last);
  }
  return flat;
}
