import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadModel } from '../../../src/model/load-model.ts';
import { readManifest } from '../../../src/model/manifest.ts';
import { readSites, type Site, toInput } from '../../../workbench/data/dataset.ts';
import {
  buildNeighbourIndex,
  elementsWithNeighbours,
} from '../../../workbench/training/build-neighbour-index.ts';

const directory = mkdtempSync(join(tmpdir(), 'neighbours-'));
cpSync('models/spt', directory, { recursive: true });
afterAll(() => rmSync(directory, { recursive: true }));

const copper = readSites(join(process.env.XANES_DATA ?? '../shared/data', 'cu-feff9/val.jsonl.gz'));

test('a model with a neighbour index is another model, which knows these better than before', async () => {
  const battery = readSites('data/battery-feff10/sites.jsonl');
  expect(elementsWithNeighbours([...copper, ...battery])).toEqual(['Cu']);
  const covered = inputsOf(copper);
  expect([...(await buildNeighbourIndex(directory, [...copper, ...battery], ['Cu']))]).toEqual([
    ['Cu', covered.length],
  ]);

  const right = async (neighbourIndex: boolean) => {
    const model = await loadModel({ directory, engine: 'auto', neighbourIndex });
    const predictions = await model.predict(covered.map(({ input }) => input));
    await model.close();
    const hits = predictions.filter(({ outputs: { CN2 } }, i) => {
      if (CN2?.kind !== 'class') throw new Error('Expected classes of CN2');
      return (
        CN2.classes[CN2.probabilities.indexOf(Math.max(...CN2.probabilities))] === covered[i]!.site.labels.CN2
      );
    });
    return { share: hits.length / covered.length, hash: model.identity.hash };
  };
  const [alone, together] = [await right(false), await right(true)];
  expect(together.hash).not.toBe(alone.hash);
  expect(together.share).toBeGreaterThan(alone.share);
});

test('it is another model too when the same spectra are heard otherwise', async () => {
  const hash = async () => {
    const model = await loadModel({ directory, engine: 'auto' });
    await model.close();
    return model.identity.hash;
  };
  const before = await hash();
  const file = join(directory, 'neighbours.json');
  const neighbourIndex = JSON.parse(readFileSync(file, 'utf8')) as { share: number };
  writeFileSync(file, JSON.stringify({ ...neighbourIndex, share: neighbourIndex.share / 2 }));
  expect(await hash()).not.toBe(before);
});

function inputsOf(sites: readonly Site[]) {
  const { references, grid } = readManifest(directory);
  const reference = references.find(({ element }) => element === 'Cu')!;
  return sites.flatMap((site) => {
    const input = toInput(site, reference, grid);
    return input ? [{ site, input }] : [];
  });
}
