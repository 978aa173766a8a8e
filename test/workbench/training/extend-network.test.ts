import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { predictorOn } from '../../../src/model/load-model.ts';
import { graphOf } from '../../../src/model/network.ts';
import { tfjsEngine } from '../../../src/model/tfjs-engine.ts';
import { readSites, toInput } from '../../../workbench/data/dataset.ts';
import { extendNetwork } from '../../../workbench/training/extend-network.ts';
import { makeConfig } from '../../../workbench/training/make-config.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { manifest, weights } = openBundle(WEIGHTS);
const bins = manifest.network.offsetsEv.length;
const extended = extendNetwork(manifest.network, weights, {
  elements: ['Zn'],
  coverage: [Array.from({ length: bins }, () => 1)],
  classes: { CN: [7], OS: [0] },
  reals: {},
});
const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'Co');
const reference = manifest.references.find(({ element }) => element === 'Co')!;
const input = toInput(sites[0]!, reference, manifest.grid)!;

test('a known absorber is answered as before, but for what new classes take', async () => {
  const [before] = await predict(manifest.network, weights, input);
  const [after] = await predict(extended.network, extended.weights, input);
  for (const name of ['CN2', 'OCN', 'PSGO'] as const) {
    const [a, b] = [before!.outputs[name]!, after!.outputs[name]!];
    if (a.kind === 'class' && b.kind === 'class') expectClose(b.probabilities, a.probabilities);
  }
  const [a, b] = [before!.outputs.CN!, after!.outputs.CN!];
  if (a.kind !== 'class' || b.kind !== 'class') throw new Error('Expected classes');
  expect(b.classes).toEqual([...a.classes, 7].sort((x, y) => x - y));
  const known = b.classes.flatMap((value, i) => (value === 7 ? [] : [b.probabilities[i]!]));
  const left = known.reduce((sum, p) => sum + p, 0);
  expect(left).toBeLessThan(1);
  expectClose(
    known.map((p) => p / left),
    a.probabilities,
  );
});

test('a new absorber gets an answer of finite numbers', async () => {
  const [answer] = await predict(extended.network, extended.weights, { ...input, element: 'Zn' });
  const { OS } = answer!.outputs;
  if (OS?.kind !== 'class') throw new Error('Expected OS to be a class');
  expect(OS.classes).toContain(0);
  expect(OS.probabilities.every(Number.isFinite)).toBe(true);
});

function predict(network: typeof manifest.network, values: typeof weights, one: typeof input) {
  const model = predictorOn(tfjsEngine('tfjs', network, values, graphOf(network)), network);
  return model.predict([one]).finally(() => model.close());
}

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  for (let i = 0; i < wanted.length; i++) expect(got[i]!).toBeCloseTo(wanted[i]!, 5);
}

test('a real that has one value alone gets no head', () => {
  const training = sites.slice(0, 12).map((site) => ({
    site: { ...site, labels: { ...site.labels, NNOSM: 2 } },
    input: toInput(site, reference, manifest.grid)!,
  }));
  const { reals } = makeConfig('mlp', manifest.grid, ['Co'], training);
  expect(Object.keys(reals)).toEqual(['NNRS', 'MOOD']);
});
