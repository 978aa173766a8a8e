import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTrained } from '../../../../workbench/training/site-means/trained-networks.ts';

const NETWORK = {
  options: { members: 4, student: '24,40,192', rate: 0.001 },
  ...{ channels: [24, 40], features: 192, torch: '2.11.0', device: 'cuda', seconds: 240 },
  parameters: [
    { name: 'conv1/kernel', shape: [1, 2] },
    { name: 'conv1/bias', shape: [1] },
  ],
  answersOf: '0',
  answers: [],
};
let folder: string;
const write = (network: object, weights = Float32Array.of(1, 2, 3)): void => {
  writeFileSync(join(folder, 'network.json'), JSON.stringify(network));
  writeFileSync(join(folder, 'network-0.bin'), weights);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trained-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('weights are by name, and by the fold that was left out', () => {
  write({ ...NETWORK, scores: {} });
  const trained = readTrained(folder);
  expect(trained.options).toEqual(NETWORK.options);
  expect([...trained.weights('0')]).toEqual([
    ['conv1/kernel', Float32Array.of(1, 2)],
    ['conv1/bias', Float32Array.of(3)],
  ]);
});

test.each<[string, () => void, RegExp]>([
  ['nothing was trained there', () => undefined, /Expected network\.json in .*, as train\.py writes it/],
  ['a field is missing', () => write({ ...NETWORK, features: undefined }), /network\.json: .*\n.*features/],
  ['there are too few weights', () => write(NETWORK, Float32Array.of(1)), /Expected 3 weights/],
])('says what is wrong where %s', (_, prepare, because) => {
  prepare();
  expect(() => readTrained(folder).weights('0')).toThrow(because);
});

test('names the network that is not there', () => {
  write(NETWORK);
  expect(() => readTrained(folder).weights('3')).toThrow(/Expected network-3\.bin/);
});
