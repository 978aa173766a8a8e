import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { readSites } from '../../../workbench/data/dataset.ts';
import { inputsOf } from '../../../workbench/data/inputs-of.ts';

test('sites that a network can read, in their order, with their input', () => {
  const { manifest } = openBundle('models/spt');
  const [first, second] = readSites('data/li-x-coo2/series.jsonl');
  const short = { ...first!, energyEv: first!.energyEv.slice(0, 20), mu: first!.mu.slice(0, 20) };
  const read = inputsOf([first!, { ...first!, element: 'Zn' }, short, second!], manifest);
  expect(read.map(({ site }) => site)).toEqual([first, second]);
  for (const { input } of read) {
    expect(input).toMatchObject({ element: 'Co', edge: 'K' });
    expect(input.mu).toHaveLength(manifest.grid.offsetsEv.length);
  }
});
