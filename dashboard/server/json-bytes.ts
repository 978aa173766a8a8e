import type { JsonBytes } from '../protocol/events.ts';

const encoder = new TextEncoder();

/**
 * Text that is JSON of a T, as it travels. Rows are JSON in Redis already: parsed and written anew they would cost
 * tenfold.
 */
export const jsonBytes = <T>(json: string): JsonBytes<T> => encoder.encode(json).buffer as JsonBytes<T>;
