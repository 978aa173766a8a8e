import { describe, expect, test } from '@jest/globals';
import { parseGate } from '../../src/gating/gate-table.ts';

const TABLE = {
  madeFor: { 'weights.bin': 'a'.repeat(64) },
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

describe('parseGate', () => {
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  const parse = (table: object, embeddings = bytes) => parseGate(JSON.stringify(table), embeddings);

  test('reads what calibration wrote', () => {
    const { table, trainingEmbeddings } = parse(TABLE);
    expect(table).toEqual(TABLE);
    expect(trainingEmbeddings.rows.get('Co')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  test('refuses embeddings that are not those of the table', () => {
    expect(() => parse(TABLE, bytes.subarray(4))).toThrow(
      'Expected 24 bytes in training-embeddings.bin, got 20',
    );
  });

  test('refuses an element whose calibration is not there, of whole scans or short ones', () => {
    const { Co } = TABLE.elements;
    const { trainingEmbeddingRows: _, ...judged } = Co;
    const short = { ...judged, calibration: 'metals, cut short', beforeBin: 60 };
    expect(() => parse({ ...TABLE, elements: { Co: { ...Co, short } } })).toThrow(
      /Expected one of metals, got metals, cut short[\s\S]*elements\.Co\.short\.calibration/,
    );
    expect(() => parse({ ...TABLE, elements: { Co: { ...Co, calibration: 'copper' } } })).toThrow(
      /elements\.Co\.calibration/,
    );
  });

  test('refuses ranges of a metal detector that is not there, or looks at nothing', () => {
    const { Co } = TABLE.elements;
    const table = { ...TABLE, elements: { Co: { ...Co, metalRanges: [{ middle: -5, limit: -1 }] } } };
    const weights = new Array<number>(20).fill(0);
    const metalDetector = { mean: [0, 0, 0, 0, 0], deviation: [1, 1, 1, 1, 1], weights, bias: 0 };
    const offsetsEv = [-10, 0];
    expect(parse({ ...table, metalDetector, offsetsEv }).table).toMatchObject({ metalDetector });
    expect(() => parse(table)).toThrow(/Expected metalDetector beside it[\s\S]*elements\.Co\.metalRanges/);
    expect(() => parse({ ...table, metalDetector })).toThrow(/Expected offsetsEv beside it/);
    for (const wrong of [{ mean: [0] }, { deviation: [1, 1, 1, 1, 0] }])
      expect(() => parse({ ...table, metalDetector: { ...metalDetector, ...wrong }, offsetsEv })).toThrow(
        new RegExp(`metalDetector(\\.${Object.keys(wrong)[0]})?`),
      );
  });

  test('refuses widths of intervals that do not fit their ranges of trust, or stand without trust', () => {
    const { OS } = TABLE.calibrations.metals;
    const trust = { mean: [0], deviation: [1], weights: [1, 0], bias: 0 };
    const withOs = (more: object) => ({ ...TABLE, calibrations: { metals: { OS: { ...OS, ...more } } } });
    const byTrust = { edges: [0.5], width: [0.1, 0.2], widthAt: { '0.5': [0.3, 0.4] } };
    expect(parse(withOs({ trust, byTrust })).table.calibrations.metals!.OS).toMatchObject({ byTrust });
    expect(() => parse(withOs({ trust, byTrust: { ...byTrust, width: [0.1] } }))).toThrow(/one more width/);
    expect(() => parse(withOs({ trust, byTrust: { ...byTrust, widthAt: { '0.5': [] } } }))).toThrow(
      /one more width[\s\S]*calibrations\.metals\.OS\.byTrust/,
    );
    expect(() => parse(withOs({ byTrust }))).toThrow(/Expected trust beside it/);
  });

  test('refuses a table that is broken or incomplete, by the field', () => {
    expect(() => parseGate('{', bytes)).toThrow(SyntaxError);
    expect(() => parse({ ...TABLE, noiseEdges: undefined })).toThrow(/noiseEdges/);
    expect(() => parse({ ...TABLE, madeFor: undefined })).toThrow(/madeFor/);
  });
});
