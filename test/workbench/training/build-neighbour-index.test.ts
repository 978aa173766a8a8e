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

// The demo's series, which the shipped model has not learned from.
const series = readSites('data/li-x-coo2/series.jsonl');
const battery = readSites('data/battery-feff10/sites.jsonl');

test('an element is in the neighbour index where it has a hundred materials with true labels', () => {
  const many = [1, 2, 3].flatMap((copy) => series.map((site, i) => ({ ...site, group: `${i} of ${copy}` })));
  expect(many.length).toBeGreaterThan(100);
  expect(elementsWithNeighbours([...many, ...battery])).toEqual(['Co']);
  expect(elementsWithNeighbours(many.map((site) => ({ ...site, decoded: true })))).toEqual([]);
  expect(elementsWithNeighbours([...series, ...battery])).toEqual([]);
});

test('a model with a neighbour index is another model, which knows these better than before', async () => {
  const covered = inputsOf(series);
  const nickel = battery.filter(({ element }) => element === 'Ni');
  expect([...(await buildNeighbourIndex(directory, [...series, ...nickel], ['Co']))]).toEqual([
    ['Co', covered.length],
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
  const reference = references.find(({ element }) => element === 'Co')!;
  return sites.flatMap((site) => {
    const input = toInput(site, reference, grid);
    return input ? [{ site, input }] : [];
  });
}
