// What the memory of the shipped model costs a spectrum, beside its network:
//   node --import tsx bench/memory-cost.ts
// Each spectrum of copper's test split, none of which is in the memory, asks for its relatives, without noise and with it. Mean and
// largest; the share is of the network's own operations.
import { join } from 'node:path';
import { countFlops } from '../src/model/count-flops.ts';
import { readSites, toInput } from '../src/model/dataset.ts';
import { loadModel } from '../src/model/load-model.ts';
import { findRelatives } from '../src/model/memory.ts';
import { seededRandom } from '../src/model/random.ts';

const DIRECTORY = 'weights/spt';
const ELEMENT = 'Cu';

const model = await loadModel({ directory: DIRECTORY, engine: 'auto' });
const memory = model.memory!;
const remembered = memory.elements.get(ELEMENT)!;
const reference = model.manifest.references.find(({ element }) => element === ELEMENT)!;
const sites = readSites(join(process.env.XANES_DATA ?? '../shared/data', 'cu-feff9/test.jsonl.gz'));
const random = seededRandom(1);
for (const sigma of [0, 0.02, 0.05, 0.1]) {
  const inputs = sites.flatMap((site) => {
    const input = toInput(site, reference, model.manifest.grid);
    return input ? [{ ...input, mu: input.mu.map((value) => value + sigma * random.normal()) }] : [];
  });
  const predictions = await model.predict(inputs);
  const started = performance.now();
  const found = inputs.map((input, i) => findRelatives(memory, remembered, predictions[i]!.embedding, input));
  const microseconds = (1000 * (performance.now() - started)) / found.length;
  const flops = found.map((each) => each.flops);
  const mean = flops.reduce((sum, each) => sum + each, 0) / flops.length;
  const cost = `${(mean / 1e6).toFixed(3)} MFLOP (at most ${(Math.max(...flops) / 1e6).toFixed(3)})`;
  console.log(
    `sigma ${sigma}: ${cost}, ${((100 * mean) / countFlops(model.manifest.network)).toFixed(1)}% of the network's, ` +
      `${microseconds.toFixed(0)} us a spectrum`,
  );
}
await model.close();
