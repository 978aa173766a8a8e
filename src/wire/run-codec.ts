import type { Run } from '../messages/run.ts';
import type { Headers } from './confluent-frame.ts';
import { decodeRecord } from './decode-record.ts';
import { type WireType, wireType } from './wire-type.ts';

const RUN: WireType = wireType('run.v1.avsc');

/** Key, value and headers of a start or an end of a run for its topic. */
export const encodeRun = (run: Run): { key: string; value: Buffer; headers: Record<string, string> } => ({
  key: run.runId,
  value: RUN.encode(run),
  headers: { ...RUN.headers },
});

/** A record of the topic of runs. Throws on bytes that do not decode. */
export const decodeRun = (bytes: Buffer, headers: Headers = {}): Run =>
  decodeRecord(RUN, bytes, headers) as Run;
