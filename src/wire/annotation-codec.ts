import type { Headers } from './confluent-frame.ts';
import { decodeRecord } from './decode-record.ts';
import type { WireAnnotation } from './generated.ts';
import { type WireType, wireType } from './wire-type.ts';

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
  decodeRecord(ANNOTATION, bytes, headers) as WireAnnotation;
