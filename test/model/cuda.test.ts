import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { openBundle } from '../../src/bundle/bundle.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { engineOn } from '../../src/model/onnxruntime-engine.ts';
import { askEngine } from './ask-engine.ts';
import { distance, numbersOf, readGolden, WEIGHTS } from './golden.ts';

// No machine of ours has a card of NVIDIA's: calls by CUDA are made on the cores here.
async function onCores() {
  const session = await ort.InferenceSession.create(readFileSync(`${WEIGHTS}/model.onnx`));
  const { network } = openBundle(WEIGHTS, { gate: 'optional' }).manifest;
  const rows: number[] = [];
  const run: typeof session.run = (feeds, ...rest: []) => {
    rows.push((feeds as Record<string, ort.Tensor>).mu!.dims[0]!);
    return session.run(feeds, ...rest);
  };
  const watched = { inputNames: session.inputNames, run, release: () => session.release() };
  return { network, rows, engine: engineOn(watched as ort.InferenceSession, network, 'onnxruntime-cuda') };
}

test('calls by CUDA are of one size, and the rows that fill them up change no answer', async () => {
  const { engine, network, rows } = await onCores();
  const model = predictorOn(engine, network);
  const golden = readGolden();
  const answers = await model.predict(golden.map(({ input }) => input));
  answers.forEach((each, i) => {
    expect(distance(numbersOf(each), golden[i]!.outputs)).toBeLessThan(1e-5);
  });
  expect(await model.predict([golden[0]!.input])).toHaveLength(1);
  expect(rows).toEqual([256, 256]);
  await model.close();
});

test('outputs have the rows of the batch alone', async () => {
  const { engine, network, rows } = await onCores();
  const [bins, elements] = [network.offsetsEv.length, network.elements.length];
  const of = (width: number) => new Float32Array(300 * width).fill(1);
  const means = { mu: of(bins), mask: of(bins) };
  const batch = { size: 300, ...means, forMeans: means, element: of(elements), energySigma: of(1) };
  const outputs = await engine.run(batch);
  expect(rows).toEqual([512]);
  expect(outputs.embedding).toHaveLength(300 * network.features);
  await engine.close();
});

test('onnxruntime-cuda answers where all that it needs is there, else says what is missing and where help is', () => {
  const { answered, stderr } = askEngine('onnxruntime-cuda');
  if (answered === null) {
    expect(stderr).toMatch(/Expected .* for the engine onnxruntime-cuda, got.* \(?docs\/operate\.md#gpu/);
    return;
  }
  const golden = readGolden();
  for (const [i, each] of answered.answers.entries())
    expect(distance(each, golden[i]!.outputs)).toBeLessThan(1e-5);
});
