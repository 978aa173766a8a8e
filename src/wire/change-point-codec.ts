import type { Finding, Quantity } from '../messages/change-point.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { Headers } from './confluent-frame.ts';
import { decodeRecord } from './decode-record.ts';
import type { WireChangePoint, WireDescriptors } from './generated.ts';
import { type WireType, wireType } from './wire-type.ts';

const CHANGE_POINT: WireType = wireType('change.v1.avsc');

/** The size of a change with its interval, and of a drift its rate. */
export type ChangeSize = Pick<WireChangePoint, 'size' | 'low' | 'high' | 'level' | 'perHour'>;

/** Key, value and headers of a change for its topic. `event`: the one with which it was found, and its record. */
export function encodeChangePoint(
  quantity: Quantity,
  { kind, confidence, before, after, returnedTo }: Finding,
  size: ChangeSize,
  event: WireDescriptors,
  { topic, partition, offset }: Pick<SourceRecord, 'topic' | 'partition' | 'offset'>,
): { key: string; value: Buffer; headers: Record<string, string> } {
  const { runId, sampleId, beamline, element, edge, origin, model } = event;
  const value: WireChangePoint = {
    changeId: `${quantity}/${event.scanId}`,
    ...{ runId, sampleId, beamline, element, edge, origin, quantity, kind, confidence },
    lastBefore: before.endedAtMs,
    firstAfter: after[0]!.endedAtMs,
    foundAt: event.endedAt,
    ...size,
    scanBefore: before.scanId,
    scansAfter: after.map(({ scanId }) => scanId),
    returnedTo: returnedTo?.scanId ?? null,
    modelHash: model.hash,
    source: { topic, partition, offset: Number(offset) },
  };
  return { key: sampleId, value: CHANGE_POINT.encode(value), headers: { ...CHANGE_POINT.headers } };
}

/** A record of the topic of changes. Throws on bytes that do not decode. */
export const decodeChangePoint = (bytes: Buffer, headers: Headers = {}): WireChangePoint =>
  decodeRecord(CHANGE_POINT, bytes, headers) as WireChangePoint;
