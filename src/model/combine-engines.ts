import type { Batch, Engine } from './engine.ts';

/** Two networks that read the same scans, the second of them its own resampling: the outputs of both. */
export function together(first: Engine, second: Engine): Engine {
  return {
    name: first.name,
    async run(batch) {
      return { ...(await first.run(batch)), ...(await second.run({ ...batch, ...batch.forMeans })) };
    },
    close: () => closed(first, second),
  };
}

/**
 * Two networks of means with the same outputs. Whether a spectrum is none of an oxide the second one says of all
 * elements; the rest is the second one's for one element, the first one's for the others.
 * @param element place of the second one's element among the network's
 */
export function besideOthers(others: Engine, own: Engine, element: number): Engine {
  return {
    name: others.name,
    async run(batch) {
      const outputs = await own.run(batch);
      const rest = rowsOfOthers(batch, element);
      if (rest.length === 0) return outputs;
      for (const [name, theirs] of Object.entries(await others.run(batch))) {
        if (name === 'mean/outlier') continue;
        const width = theirs.length / batch.size;
        for (const row of rest)
          outputs[name]!.set(theirs.subarray(row * width, (row + 1) * width), row * width);
      }
      return outputs;
    },
    close: () => closed(others, own),
  };
}

function rowsOfOthers(batch: Batch, element: number): number[] {
  const elements = batch.element.length / batch.size;
  const rows = Array.from({ length: batch.size }, (_, row) => row);
  return rows.filter((row) => batch.element[row * elements + element] !== 1);
}

async function closed(...engines: readonly Engine[]): Promise<void> {
  for (const engine of engines) await engine.close();
}
