import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseSiteMeans, type SiteMeansFile } from '../../src/model/parse-site-means.ts';
import { WEIGHTS } from './golden.ts';

const { network } = openBundle(WEIGHTS, { gate: 'optional' }).manifest;
const file = JSON.parse(readFileSync(`${WEIGHTS}/site-means.json`, 'utf8')) as SiteMeansFile;
const bytes = readFileSync(`${WEIGHTS}/site-means.bin`);
const onnx = readFileSync(`${WEIGHTS}/site-means.onnx`);
const parse = (change: (json: SiteMeansFile) => unknown = (json) => json, content = bytes) =>
  parseSiteMeans(JSON.stringify(change(file)), content, onnx, network);

test('the committed file is of the grid and the elements of the model beside it', () => {
  const { config, weights, onnx: kept } = parse();
  expect(config).toMatchObject({
    ...{ offsetsEv: network.offsetsEv, elements: network.elements, coverage: network.coverage },
    ...{ channels: file.channels, features: file.features, classes: file.classes, blend: file.blend },
  });
  expect([...weights.keys()]).toEqual(file.parameters.map(({ name }) => name));
  for (const { name, shape } of file.parameters)
    expect(weights.get(name)).toHaveLength(shape.reduce((a, b) => a * b, 1));
  expect(kept).toBe(onnx);
  expect(config.classes.OS).toEqual([...config.classes.OS].sort((a, b) => a - b));
});

test.each<[string, (json: SiteMeansFile) => unknown, RegExp]>([
  ['no classes of a descriptor', (json) => ({ ...json, classes: { OS: [2, 3], CN: [4] } }), /classes/],
  ['a descriptor without mean', (json) => ({ ...json, classes: { ...json.classes, MOOD: [1] } }), /classes/],
  ['no share for other elements', (json) => ({ ...json, blend: { Cu: 0.5 } }), /Expected other/],
  ['one convolution', (json) => ({ ...json, channels: [24] }), /channels/],
  ['half a feature', (json) => ({ ...json, features: 0.5 }), /features/],
  ['no parameters', ({ parameters: _, ...json }) => json, /parameters/],
])('a file with %s is refused by the field', (_, change, because) => {
  expect(() => parse(change)).toThrow(because);
});

test('weights that are more or fewer than the file says are refused', () => {
  const count = bytes.length / 4;
  expect(() => parse(undefined, bytes.subarray(4))).toThrow(`Expected ${count} weights`);
  expect(() => parse(undefined, Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow(
    `Expected ${count} weights`,
  );
});
