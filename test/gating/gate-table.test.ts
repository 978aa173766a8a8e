import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FatalError } from '../../src/errors.ts';
import { GATE_FILE, readGateTable } from '../../src/gating/gate-table.ts';

const HASH = 'a'.repeat(64);
const TABLE = {
  modelHash: HASH,
  promise: { accuracy: 0.95, confidence: 0.9 },
  level: 0.9,
  noiseEdges: [0.01],
  descriptors: { OS: { kind: 'class', temperature: [1], setFloor: [0.2] } },
  elements: {
    Co: {
      novelty: { mean: [1], whitening: [[1]], limit: [2] },
      descriptors: {
        OS: { thresholds: [null], evidence: { sites: 3, accepted: 0, right: 0 }, promised: false },
      },
    },
  },
  shape: { fromEv: -7, sliceEv: 1.5, slices: 1, scaleFromEv: 8 },
};

describe('readGateTable', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gate-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (text: string): void => writeFileSync(join(directory, GATE_FILE), text);

  test('reads what calibration wrote', () => {
    write(JSON.stringify(TABLE));
    expect(readGateTable(directory, HASH)).toEqual(TABLE);
  });

  test('refuses a table made for other weights', () => {
    write(JSON.stringify(TABLE));
    expect(() => readGateTable(directory, 'b'.repeat(64))).toThrow(
      /to be made for weights b+, got a+: run npm run calibrate/,
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
