import { type Headers, payload } from './confluent-frame.ts';
import { HEADER_FINGERPRINT, type WireType } from './wire-type.ts';

/** Fingerprint of the schema that a record was written with, where its headers name one. */
export const fingerprintIn = (headers: Headers): string | undefined =>
  headers[HEADER_FINGERPRINT]?.toString().toLowerCase();

/**
 * The bytes of a record of a type, framed or not, by the schema that its headers name, by default the newest.
 * Throws on bytes that do not decode.
 */
export const decodeRecord = (type: WireType, bytes: Buffer, headers: Headers): unknown =>
  type.decode(payload(bytes, headers), fingerprintIn(headers));
