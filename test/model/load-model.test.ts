import { expect, test } from '@jest/globals';
import { predictorOn } from '../../src/model/load-model.ts';
import { readSites, toInput } from '../../workbench/data/dataset.ts';
import { defaultGrid } from '../../workbench/training/grid.ts';
import { makeConfig } from '../../workbench/training/make-config.ts';
import { fitReferences } from '../../workbench/training/references.ts';

const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) =>
  ['O', 'Co'].includes(element),
);
const references = fitReferences(sites, {});
const grid = defaultGrid();
const examples = sites.map((site) => {
  const input = toInput(site, references.find(({ element }) => element === site.element)!, grid)!;
  return { site, input: { ...input, mask: input.mask.map(() => 1) } }; // periods come from spectra of full length
});
const elements = references.map(({ element }) => element);

test('a prediction holds the descriptors of its element, whatever heads the network has', async () => {
  const network = makeConfig('spt', grid, elements, examples);
  const width = (name: string) => network.classes[name as 'OS']?.length ?? (name === 'embedding' ? 128 : 2);
  const names = [...Object.keys(network.classes), ...Object.keys(network.reals), 'embedding'];
  const run = async ({ size }: { size: number }) =>
    Object.fromEntries(names.map((name) => [name, new Float32Array(size * width(name)).fill(0.5)]));
  const engine = { name: 'half', run, close: async () => {} };
  const model = predictorOn(engine, network);

  const inputs = ['Co', 'O'].map((element) => examples.find(({ site }) => site.element === element)!.input);
  const [cobalt, oxygen] = await model.predict(inputs);
  expect(Object.keys(cobalt!.outputs)).toEqual(['OS', 'CN', 'CN2', 'OCN', 'PSGO', 'NNRS', 'MOOD']);
  expect(Object.keys(oxygen!.outputs)).toEqual(['OS', 'CN', 'CN2', 'PSGO', 'NNRS', 'NNOSM']);
  expect(oxygen!.outputs.NNOSM).toEqual({ kind: 'real', mean: 0.5, sigma: 0.5 });
});

test('a descriptor that no training spectrum has gets no head', () => {
  const cobalt = examples.filter(({ site }) => site.element === 'Co');
  const { classes, reals } = makeConfig('spt', grid, elements, cobalt);
  expect(Object.keys(reals)).toEqual(['NNRS', 'MOOD']);
  expect(Object.keys(classes)).toContain('OCN');
  const oxygen = examples.filter(({ site }) => site.element === 'O');
  expect(makeConfig('spt', grid, elements, oxygen).classes).not.toHaveProperty('OCN');
});

test('an element is read as far as half of its spectra go, or half of those of a calculation that has many', () => {
  const [cobalt] = examples.filter(({ site }) => site.element === 'Co');
  const until = (end: number, scale: 'feff9' | 'feff10') => ({
    site: { ...cobalt!.site, scale },
    input: { ...cobalt!.input, mask: cobalt!.input.mask.map((_, bin) => (bin < end ? 1 : 0)) },
  });
  const lastBinOf = (long: number) => {
    const short = Array.from({ length: 200 }, () => until(70, 'feff9'));
    const training = [...short, ...Array.from({ length: long }, () => until(110, 'feff10'))];
    return makeConfig('spt', grid, ['Co'], training).coverage[0]!.lastIndexOf(1);
  };
  expect(lastBinOf(29)).toBe(69);
  expect(lastBinOf(30)).toBe(109);
});
