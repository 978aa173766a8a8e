import { PARTIAL_OF_KEY } from '../../src/messages/scan.ts';
import { encodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';

export type Result = {
  /** Mean oxidation state. */
  readonly os: number;
  readonly half?: number;
  readonly verdict: 'ACCEPT' | 'FLAG';
  readonly advice?: 'ACCEPT' | 'ACCUMULATE';
  readonly origin?: 'LIVE' | 'REPLAY';
  /** Of a preview: scanId of the whole. */
  readonly partialOf?: string;
  /** Uid of a Bluesky run. */
  readonly run?: string;
};

/** Bytes of a descriptor event of a live scan, published `ageMs` ago. */
export function descriptorEvent(sampleId: string, sequence: number, result: Result, ageMs = 0): Buffer {
  const { os, half = 0.1, verdict, advice = 'ACCEPT', origin = 'LIVE', partialOf, run } = result;
  const judged = exampleJudged(0);
  const { judgement } = judged;
  // The class is accepted as +4 throughout: an agent that acted on it would stop everything.
  const site = {
    ...judgement.descriptors[0]!,
    name: 'OS' as const,
    value: 4,
    expected: 4,
    verdict: 'ACCEPT' as const,
  };
  const reason = verdict === 'ACCEPT' ? ('ok' as const) : ('no-standard' as const);
  const interval = { value: os, low: os - half, high: os + half, level: 0.9 };
  const means = [{ name: 'OS' as const, ...interval, verdict, reason, method: 'network' as const }];
  return encodeDescriptors(
    {
      ...judged,
      scan: {
        ...exampleScan(sampleId, sequence),
        origin,
        metadata: {
          ...(partialOf !== undefined && { [PARTIAL_OF_KEY]: partialOf }),
          ...(run !== undefined && { 'bluesky.run': run }),
        },
      },
      judgement: { ...judgement, advice, adviceReason: 'too noisy', descriptors: [site], means },
    },
    Date.now() - ageMs,
  );
}
