import {
  ACCUMULATION_REASONS,
  type AccumulationReason,
  type AccumulationState,
  type AccumulationStatus,
} from '../messages/accumulation.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { Headers } from './confluent-frame.ts';
import { decodeRecord } from './decode-record.ts';
import type { WireAccumulation, WireAccumulationState } from './generated.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const ACCUMULATION: WireType = wireType('accumulation.v1.avsc');
const STATE: WireType = wireType('accumulation-state.v1.avsc');

type Encoded = { value: Buffer; headers: Record<string, string> };

/** Key, value and headers of how far an accumulation is, for its topic. `atMs`: end of the scan that brought it on. */
export function encodeAccumulation(
  state: AccumulationState,
  status: AccumulationStatus,
  reason: AccumulationReason,
  atMs: number,
): Encoded & { key: string } {
  const { runId, sampleId, beamline, element, edge, origin, mean, repeatsNeeded } = state;
  const members = state.members.map(({ scanId }) => scanId);
  const value: WireAccumulation = {
    accumulationId: members[0]!,
    ...{ runId, sampleId, beamline, element, edge, origin, at: atMs, status, reason, members, mean },
    detail: ACCUMULATION_REASONS[reason],
    repeatsNeeded: status === 'GROWING' ? repeatsNeeded : null,
  };
  return { key: sampleId, value: ACCUMULATION.encode(value), headers: { ...ACCUMULATION.headers } };
}

/** A record of the topic of accumulations. Throws on bytes that do not decode. */
export const decodeAccumulation = (bytes: Buffer, headers: Headers = {}): WireAccumulation =>
  decodeRecord(ACCUMULATION, bytes, headers) as WireAccumulation;

export function encodeAccumulationState(state: AccumulationState): Encoded {
  const { startedAtMs, endedAtMs, sums, axis, members, ...rest } = state;
  const value: WireAccumulationState = {
    ...{ ...rest, ...sums, startedAt: startedAtMs, endedAt: endedAtMs },
    ...{ binsFromEv: axis?.fromEv ?? null, leftOut: axis?.left ?? [] },
    members: members.map(({ endedAtMs: endedAt, ...member }) => ({ ...member, endedAt })),
  };
  return { value: STATE.encode(value), headers: { ...STATE.headers } };
}

/** A record of the topic of states. Throws on bytes that do not decode: only the accumulators write there. */
export function decodeAccumulationState({
  value,
  headers,
}: Pick<SourceRecord, 'value' | 'headers'>): AccumulationState {
  const writer = headers[HEADER_FINGERPRINT]?.toString();
  const wire = STATE.decode(value ?? Buffer.alloc(0), writer) as WireAccumulationState;
  const { startedAt, endedAt, binsFromEv, leftOut, weight, energyEv, mu, muReference, members, ...rest } =
    wire;
  return {
    ...{ ...rest, startedAtMs: startedAt, endedAtMs: endedAt },
    sums: { weight, energyEv, mu, muReference },
    axis: binsFromEv === null ? null : { fromEv: binsFromEv, left: leftOut },
    members: members.map(({ endedAt: endedAtMs, ...member }) => ({ ...member, endedAtMs })),
  };
}
