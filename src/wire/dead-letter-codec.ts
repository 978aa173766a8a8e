import type { Outcome } from '../messages/outcome.ts';
import { type Headers, payload } from './confluent-frame.ts';
import type { WireDeadLetter } from './generated.ts';
import { type WireType, wireType } from './wire-type.ts';

const DEAD_LETTER: WireType = wireType('dead-letter.v1.avsc');

export const DEAD_LETTER_HEADERS = DEAD_LETTER.headers;
/** As a schema registry is told it. */
export const DEAD_LETTER_SCHEMA = DEAD_LETTER.text;

type DeadLetterOutcome = Extract<Outcome, { kind: 'dead-letter' }>;

/** Bytes of a dead letter: the original record untouched, and why it came here. `atMs`: ms since 1970. */
export function encodeDeadLetter(outcome: DeadLetterOutcome, atMs: number): Buffer {
  const { record, reject, scan } = outcome;
  const deadLetter: WireDeadLetter = {
    source: {
      topic: record.topic,
      partition: record.partition,
      offset: Number(record.offset),
      timestamp: Math.round(record.timestampMs),
    },
    key: record.key,
    value: record.value,
    headers: record.headers,
    reason: reject.reason,
    detail: reject.detail,
    at: Math.round(atMs),
    scanId: scan?.scanId ?? null,
    runId: scan?.runId ?? null,
    sampleId: scan?.sampleId ?? null,
    beamline: scan?.beamline ?? null,
    element: scan?.element ?? null,
  };
  return DEAD_LETTER.encode(deadLetter);
}

/** A record of the dead-letter topic. Throws on bytes that do not decode. */
export const decodeDeadLetter = (bytes: Buffer, headers: Headers = {}) =>
  DEAD_LETTER.decode(payload(bytes, headers)) as WireDeadLetter;
