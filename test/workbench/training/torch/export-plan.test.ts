import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openBundle } from '../../../../src/bundle/bundle.ts';
import { DESCRIPTOR_NAMES } from '../../../../src/messages/descriptor-names.ts';
import { readSites, type Site } from '../../../../workbench/data/dataset.ts';
import { FOLD_NAMES } from '../../../../workbench/data/folds.ts';
import { inputsOf } from '../../../../workbench/data/inputs-of.ts';
import { makeTrainingPlan } from '../../../../workbench/training/make-training-plan.ts';
import { exportPlan } from '../../../../workbench/training/torch/export-plan.ts';
import { readTrained, requireSameAnswers } from '../../../../workbench/training/torch/read-trained.ts';
import { trainWithPytorch } from '../../../../workbench/training/torch/train-with-pytorch.ts';
import { RECIPE, type TrainingPlan } from '../../../../workbench/training/training-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TRAINED = 'workbench/training/torch/trained';
const options = {
  ...{ python: undefined, from: undefined, resume: false },
  progress: { say() {}, step() {}, epoch() {} },
};

const plan = makeTrainingPlan({
  ...{ id: 'spt-7', seed: 3, recipe: RECIPE, architecture: 'spt', size: {}, descriptors: DESCRIPTOR_NAMES },
  ...{ train: readSites('data/battery-feff10/sites.jsonl'), val: [], provenance: {}, copiable: [] },
});

test('the trainer is told of each spectrum, and what it must make of some', () => {
  const [first, ...others] = inputsOf(plan.train, plan).map(({ site }) => site) as [Site, ...Site[]];
  const short = { ...first, energyEv: first.energyEv.slice(0, -5), mu: first.mu.slice(0, -5) };
  const sites = [...others, short];
  exportPlan(folder, plan, sites);
  const told = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
  const values = new Float32Array(readFileSync(join(folder, 'sites.bin')).buffer);
  expect(told.sites).toHaveLength(sites.length);
  expect(values).toHaveLength(sites.length * 2 * told.points);

  const row = sites.length - 1;
  const { points, element, labels } = told.sites[row];
  expect([points, told.network.elements[element], labels]).toEqual([
    short.mu.length,
    short.element,
    short.labels,
  ]);
  const own = values.subarray(row * 2 * told.points);
  const reference = plan.references.find((each) => each.element === short.element)!;
  const offset = short.energyEv[0]! + reference.shiftsEv[short.scale]! - reference.referenceEv;
  expect(own[0]).toBeCloseTo(offset, 3);
  expect(own[told.points + points - 1]).toBeCloseTo(short.mu[points - 1]!, 5);
  expect(own[points]).toBeGreaterThan(own[points - 1]!); // energies go on rising: it is searched

  for (const { mu, mask } of told.checks) {
    expect(mu).toHaveLength(told.grid.offsetsEv.length);
    expect(mask.includes(1)).toBe(true);
  }
  expect(told.parameters[0]).toEqual({ name: 'stem/kernel', shape: [7, 4, 32] });
});

test.each<[string, Partial<TrainingPlan>, string]>([
  [
    'of another architecture',
    { network: { ...plan.network, architecture: 'mlp' } },
    'Expected --architecture spt, got mlp',
  ],
  ['that distils', { recipe: { ...RECIPE, distillFrom: ['models/spt'] } }, 'Expected no --distil-from'],
])('a plan %s is refused', async (_, change, because) => {
  await expect(trainWithPytorch(folder, { ...plan, ...change }, options)).rejects.toThrow(because);
});

test.each(FOLD_NAMES.slice(0, 5))(
  'what was trained of fold %s is what PyTorch answered with',
  async (fold) => {
    const { network } = openBundle('models/spt').manifest;
    const trained = readTrained(join(TRAINED, `spt-8-fold-${fold}`), network);
    await expect(requireSameAnswers(trained, network)).resolves.toBeUndefined();
  },
);

test('what was trained before is taken, and nothing is trained', async () => {
  const { network, references, grid } = openBundle('models/spt').manifest;
  const before = { ...plan, network, references, grid, id: 'spt-8-fold-0' };
  const made = join(folder, 'made');
  await trainWithPytorch(made, before, { ...options, from: TRAINED, python: '/no/such/python' });
  const weights = (of: string) => readFileSync(join(of, 'weights.bin'));
  expect(weights(made).equals(weights(join(TRAINED, before.id)))).toBe(true);
  const shorter = { ...before, recipe: { ...RECIPE, epochs: 10 } };
  await expect(trainWithPytorch(made, shorter, { ...options, from: TRAINED })).rejects.toThrow(
    'to be trained for --epochs 10, got 60',
  );
  const missing = { ...before, id: 'spt-9' };
  await expect(trainWithPytorch(made, missing, { ...options, from: TRAINED })).rejects.toThrow(
    'trained/spt-9/trained.json',
  );
});
