import { expect, test } from '@jest/globals';
import { FatalError } from '../../../src/common/errors.ts';
import { parseGate } from '../../../src/gating/gate-table.ts';
import { gateText, trainingEmbeddingBytes } from '../../../workbench/calibration/gate-text.ts';
import { TABLE } from '../../gating/example-gate.ts';

test('what is written is what is read, arrays of numbers on one line each', () => {
  const text = gateText(TABLE);
  const rows = new Map([
    ['Co', Float32Array.of(1, 2, 3, 4)],
    ['Fe', Float32Array.of(5, 6, 7, 8)],
  ]);
  const { table, trainingEmbeddings } = parseGate(text, trainingEmbeddingBytes({ rows }));
  expect(table).toEqual(TABLE);
  expect(trainingEmbeddings.rows).toEqual(rows);
  expect(text).toContain('"noiseEdges": [0.01, 0.05, 0.1],');
  expect(text).toContain('"thresholds": [0.8, 0.9, null],');
});

test('a table with limits that had too few spectra to be drawn from is no table', () => {
  const limit = [2, Number.POSITIVE_INFINITY, 3]; // JSON has no infinity
  const elements = { ...TABLE.elements, Co: { ...TABLE.elements.Co!, outOfDistributionLimit: limit } };
  expect(() => gateText({ ...TABLE, elements })).toThrow(FatalError);
  expect(() => gateText({ ...TABLE, elements })).toThrow(
    /Expected unseen oxides in every noise bin .* stays as it was[\s\S]*elements\.Co\.outOfDistributionLimit/,
  );
});
