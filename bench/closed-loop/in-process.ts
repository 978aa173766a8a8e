import type { Descriptors } from '@xanes-stream/client';
import { type AccumulateParts, accumulateStep } from '../../src/flows/accumulate-step.ts';
import type { AccumulationState } from '../../src/messages/accumulation.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { OpenChain } from '../../src/threads/open-chain.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { benchRecord } from '../records.ts';

/** An event, and its bytes as the processor publishes them. */
export type Judged = { readonly event: WireDescriptors; readonly value: Buffer };
/** Null where the scan became a dead letter. */
export type Judge = (scan: Scan) => Promise<Judged | null>;

/** The processor's own chain, a scan at a time, without Kafka. */
export function judgeWith(chain: OpenChain): Judge {
  let offset = 0;
  return async (scan) => {
    const outcome = (await chain.run([benchRecord(scan, offset++)]))[0]?.[0];
    if (outcome?.kind !== 'descriptors') return null;
    return { event: decodeDescriptors(outcome.value), value: outcome.value };
  };
}

/** Scans of a sample with the means that `npm run accumulate` would publish of them, by its own step. */
export type Repeats = {
  /** Events that a scan brings about, its own first. */
  measured(scan: Scan): Promise<readonly WireDescriptors[]>;
};

export function repeats(judge: Judge, most: number): Repeats {
  const scans = new Map<string, Scan>();
  let state: AccumulationState | null = null;
  let offset = 0;
  const parts: AccumulateParts = {
    ...{ scansTopic: 'scans', accumulationsTopic: 'accumulations', most, until: 'classes', by: null },
    count: () => {},
    rawScan: async (_, scanId) => scans.get(scanId) ?? null,
  };
  const step = accumulateStep(parts);

  async function measured(scan: Scan): Promise<readonly WireDescriptors[]> {
    scans.set(scan.scanId, scan);
    const judged = await judge(scan);
    if (judged === null) return [];
    const { event, value } = judged;
    const record = { ...benchRecord(scan, offset++), topic: 'descriptors', value, headers: {} };
    const stepped = await step(record, () => state);
    if (stepped === null) return [event];
    state = stepped.state;
    const means = stepped.publish.filter(({ topic }) => topic === 'scans');
    const events = await Promise.all(
      means.map(({ message }) => {
        const mean = decodeScan({ ...record, key: null, value: message.value as Buffer });
        if (isReject(mean)) throw new Error(mean.detail);
        return measured(mean);
      }),
    );
    return [event, ...events.flat()];
  }
  return { measured };
}

/** An event as the client package hands it over, but for arrays of numbers, which are typed ones here. */
export const asClient = (event: WireDescriptors): Descriptors => event as unknown as Descriptors;
