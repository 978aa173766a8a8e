import type { ScanSource } from '../../src/consumers/scan-source.ts';

const RECORDS = 10;

/** A source whose batches are cut up, so that there are many commits however much was fetched at once. */
export const inSmallBatches = (source: ScanSource): ScanSource => ({
  ...source,
  start: (handlers) =>
    source.start({
      ...handlers,
      async process(batch) {
        const { records } = batch;
        for (let i = 0; i + RECORDS < records.length; i += RECORDS) {
          const part = records.slice(i, i + RECORDS);
          const nextOffset = part.at(-1)!.offset + 1n;
          const dealt = await handlers.process({ ...batch, records: part, nextOffset });
          if (dealt !== true) return dealt;
        }
        const from = Math.max(0, Math.ceil(records.length / RECORDS) - 1) * RECORDS;
        return handlers.process({ ...batch, records: records.slice(from) });
      },
    }),
});
