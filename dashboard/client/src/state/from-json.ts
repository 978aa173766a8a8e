import type { JsonBytes } from '../../../protocol/events.ts';

const decoder = new TextDecoder();

export const fromJson = <T>(bytes: JsonBytes<T>): T => JSON.parse(decoder.decode(bytes));
