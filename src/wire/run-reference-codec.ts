import type { SourceRecord } from '../messages/record.ts';
import type { KeptReference, RunKey } from '../messages/standard.ts';
import type { WireRunReference } from './generated.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const RUN_REFERENCE: WireType = wireType('run-reference.v1.avsc');

/** What a reference is of: the key of its record, and of tables. */
export const runKeyOf = ({ runId, sampleId, element, edge }: RunKey): string =>
  JSON.stringify([runId, sampleId, element, edge]);

/** Key, value and headers of a run's reference for its topic. */
export function encodeRunReference({ reference, modelHash, scansTopic, offset }: KeptReference): {
  key: string;
  value: Buffer;
  headers: Record<string, string>;
} {
  const wire: WireRunReference = { ...reference, modelHash, scansTopic, offset: Number(offset) };
  return {
    key: runKeyOf(reference),
    value: RUN_REFERENCE.encode(wire),
    headers: { ...RUN_REFERENCE.headers },
  };
}

/** A record of the topic of references. Throws on bytes that do not decode: only processors write there. */
export function decodeRunReference({
  value,
  headers,
}: Pick<SourceRecord, 'value' | 'headers'>): KeptReference {
  const writer = headers[HEADER_FINGERPRINT]?.toString();
  const wire = RUN_REFERENCE.decode(value ?? Buffer.alloc(0), writer) as WireRunReference;
  const { modelHash, scansTopic, offset, ...reference } = wire;
  return { reference, modelHash, scansTopic, offset: BigInt(offset) };
}
