import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FatalError } from '../../src/errors.ts';
import { GATE_FILES, readGateTable } from '../../src/gating/gate-table.ts';

const HASH = 'a'.repeat(64);
const TABLE = {
  modelHash: HASH,
  accuracyTarget: { accuracy: 0.95, confidence: 0.9 },
  level: 0.9,
  noiseEdges: [0.01],
  calibrations: { metals: { OS: { kind: 'class', temperature: [1], setFloor: [0.2] } } },
  elements: {
    Co: {
      calibration: 'metals',
      trainingEmbeddingRows: 2,
      outOfDistributionLimit: [2],
      outlierRanges: [{ middle: 0, limit: 1 }],
      descriptors: {
        OS: { thresholds: [null], evidence: { sites: 3, accepted: 0, right: 0 }, meetsTarget: false },
      },
    },
  },
  outlierClassifier: { weights: [0, 0, 0], bias: { Co: 0 } },
  embedding: { mean: [0, 0, 0], scale: [1, 1, 1] },
};

describe('readGateTable', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gate-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (text: string): void => writeFileSync(join(directory, GATE_FILES.table), text);

  test('reads what calibration wrote', () => {
    write(JSON.stringify(TABLE));
    writeFileSync(
      join(directory, GATE_FILES.trainingEmbeddings),
      new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer),
    );
    const { table, trainingEmbeddings } = readGateTable(directory, HASH);
    expect(table).toEqual(TABLE);
    expect(trainingEmbeddings.rows.get('Co')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  test('refuses embeddings that are not those of the table', () => {
    write(JSON.stringify(TABLE));
    writeFileSync(join(directory, GATE_FILES.trainingEmbeddings), new Uint8Array(20));
    expect(() => readGateTable(directory, HASH)).toThrow(/training-embeddings\.bin to have 24 bytes, got 20/);
  });

  test('refuses an element whose calibration is not there, of whole scans or short ones', () => {
    const { Co } = TABLE.elements;
    const { trainingEmbeddingRows: _, ...judged } = Co;
    const short = { ...judged, calibration: 'metals, cut short', beforeBin: 60 };
    write(JSON.stringify({ ...TABLE, elements: { Co: { ...Co, short } } }));
    expect(() => readGateTable(directory, HASH)).toThrow(
      /Expected one of metals, got metals, cut short[\s\S]*elements\.Co\.short\.calibration/,
    );
    write(JSON.stringify({ ...TABLE, elements: { Co: { ...Co, calibration: 'copper' } } }));
    expect(() => readGateTable(directory, HASH)).toThrow(/elements\.Co\.calibration/);
  });

  test('refuses a table made for other weights', () => {
    write(JSON.stringify(TABLE));
    expect(() => readGateTable(directory, 'b'.repeat(64))).toThrow(
      /to be made for the model b+, got a+: run npm run calibrate/,
    );
  });

  test('refuses a table that is missing, broken or incomplete, as a fatal error that names the file', () => {
    expect(() => readGateTable(directory, HASH)).toThrow(FatalError);
    write('{');
    expect(() => readGateTable(directory, HASH)).toThrow(FatalError);
    const { noiseEdges: _, ...incomplete } = TABLE;
    write(JSON.stringify(incomplete));
    expect(() => readGateTable(directory, HASH)).toThrow(/gate\.json.*noiseEdges/s);
  });
});
