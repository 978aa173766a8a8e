import { type Headers, payload } from './confluent-frame.ts';
import type { WireAnnotation } from './generated.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const ANNOTATION: WireType = wireType('annotation.v1.avsc');

/** Key, value and headers of an annotation for its topic. */
export const encodeAnnotation = (
  annotation: WireAnnotation,
): { key: string; value: Buffer; headers: Record<string, string> } => ({
  key: annotation.sampleId,
  value: ANNOTATION.encode(annotation),
  headers: { ...ANNOTATION.headers },
});

/** A record of the topic of annotations. Throws on bytes that do not decode. */
export const decodeAnnotation = (bytes: Buffer, headers: Headers = {}): WireAnnotation =>
  ANNOTATION.decode(
    payload(bytes, headers),
    headers[HEADER_FINGERPRINT]?.toString().toLowerCase(),
  ) as WireAnnotation;
