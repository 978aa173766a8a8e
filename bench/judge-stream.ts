import { again } from '../src/knowledge/compare-within-runs.ts';
import { partitionReferences } from '../src/knowledge/partition-references.ts';
import type { Scan } from '../src/messages/scan.ts';
import type { OpenChain } from '../src/threads/open-chain.ts';
import { decodeDescriptors } from '../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../src/wire/generated.ts';
import { benchRecord } from './records.ts';

const TOGETHER = 64;

/** Scans as the processor judges them, one after the other in one partition, without a broker. */
export async function* judgeStream(
  chain: OpenChain,
  scanAt: (sequence: number) => Scan,
  count: number,
): AsyncGenerator<WireDescriptors> {
  const references = partitionReferences({ readBack: async () => [] });
  await references.restore(0);
  for (let from = 0; from < count; from += TOGETHER) {
    const numbers = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, i) => from + i);
    const records = numbers.map((number) => benchRecord(scanAt(number), number));
    const inRuns = references.begin(0, 'topic:bench', chain);
    const computed = (await chain.run(records)).flat();
    const { outcomes } = await inRuns(
      computed,
      again(computed, async (record) => (await chain.run([record]))[0]!),
    );
    for (const outcome of outcomes) {
      if (outcome.kind === 'dead-letter') throw new Error(outcome.reject.detail);
      yield decodeDescriptors(outcome.value);
    }
  }
}
