import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { type Bundle, openBundle } from '../../../src/bundle/bundle.ts';
import { loadModel } from '../../../src/model/load-model.ts';
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

  const now = openBundle(directory, { gate: 'optional' });
  const right = async (parts: Bundle) => {
    const model = await loadModel(parts, { engine: 'auto' });
    const predictions = await model.predict(covered.map(({ input }) => input));
    await model.close();
    const hits = predictions.filter(({ outputs: { CN2 } }, i) => {
      if (CN2?.kind !== 'class') throw new Error('Expected classes of CN2');
      return (
        CN2.classes[CN2.probabilities.indexOf(Math.max(...CN2.probabilities))] === covered[i]!.site.labels.CN2
      );
    });
    return hits.length / covered.length;
  };
  expect(now.hash).not.toBe(openBundle('models/spt').hash);
  expect(await right(now)).toBeGreaterThan(await right({ ...now, neighbourIndex: null }));
  expect(now.gate).toBeNull(); // it was made for answers with the shipped index
  expect(now.map).not.toBeNull();
});

function inputsOf(sites: readonly Site[]) {
  const { references, grid } = openBundle(directory, { gate: 'optional' }).manifest;
  const reference = references.find(({ element }) => element === 'Co')!;
  return sites.flatMap((site) => {
    const input = toInput(site, reference, grid);
    return input ? [{ site, input }] : [];
  });
}
