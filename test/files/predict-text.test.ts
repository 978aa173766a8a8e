import { expect, test } from '@jest/globals';
import { alignedRows, answerJson, answerRow, type FileAnswer } from '../../src/files/predict-text.ts';
import { makeGate } from '../../src/gating/gate.ts';
import { reject } from '../../src/messages/reject.ts';
import { GATE, predictionOf, preparedWith } from '../gating/example-gate.ts';
import { COBALT, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';

const scan = scanOf(syntheticEdge(COBALT));
const prepared = preparedWith(0.00423456);
const prediction = predictionOf([0.02, 0.96, 0.02]);
const judgement = makeGate(GATE)(prepared, prediction);
const answered = { file: 'a.xdi', scan, standards: ['foil'] };
const answer: FileAnswer = { ...answered, reject: null, prepared, prediction, judgement };
const refused: FileAnswer = {
  ...{ file: 'long-name.xdi', scan, standards: [] },
  reject: reject('dead-channel', 'no signal'),
};

test('JSON: a value with its probability or its interval, rounded to four digits', () => {
  const json = JSON.parse(JSON.stringify(answerJson(answer, { x: 1.23456, y: -2 })));
  expect(json).toMatchObject({
    file: 'a.xdi',
    standards: ['foil'],
    element: 'Co',
    edge: 'K',
    advice: 'accept',
  });
  expect(json.descriptors.OS).toEqual({
    ...{ value: 3, confidence: 0.96, verdict: 'accept', reason: 'ok', trust: 0.96, trustThreshold: 0.8 },
  });
  expect(json.descriptors.NNRS).toEqual({
    value: 0.08,
    low: expect.any(Number),
    high: expect.any(Number),
    level: 0.9,
    verdict: 'accept',
    reason: 'ok',
    trust: expect.any(Number),
    trustThreshold: expect.any(Number),
  });
  expect(json.preparation.noise).toBe(0.004235);
  expect(json.map).toEqual({ x: 1.235, y: -2 });
  expect(answerJson(answer, null)).not.toHaveProperty('map');
});

test('JSON of a file that was refused: why, in a sentence and in a word', () => {
  expect(answerJson(refused, null)).toEqual({
    file: 'long-name.xdi',
    error: 'no signal',
    reason: 'dead-channel',
  });
});

test('a row has the first descriptors, or all of them', () => {
  expect(answerRow(answer, false)).toEqual([
    'a.xdi',
    'Co',
    'accept',
    'OS 3 [0.96] accept',
    expect.stringMatching(/^CN 6 \[0\.\d\d\] accept$/),
    'OCN 6 [0.98] accept',
    'noise 0.0042',
  ]);
  expect(answerRow(answer, true).join()).toMatch(/NNRS 0\.08 \[0\.\d\d\.\.0\.\d\d \S+\] accept/);
  expect(answerRow(refused, true)).toEqual(['long-name.xdi', '', 'dead-channel', 'no signal']);
});

test('columns are as wide as their widest cell; the last of a row is as long as it is', () => {
  expect(alignedRows([['a', 'bb', 'c'], ['aaa', 'b'], []])).toEqual(['a    bb  c', 'aaa  b', '']);
});
