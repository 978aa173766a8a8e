import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import type { SourceRecord } from '../../src/messages/record.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { decodeScan, encodeScan } from '../../src/wire/scan-codec.ts';

const scan: Scan = {
  scanId: 'scan-1',
  runId: 'run-1',
  sampleId: 'cell-1',
  beamline: 'X',
  element: 'Co',
  edge: 'K',
  mode: 'TRANSMISSION',
  energyEv: Float64Array.from({ length: 300 }, (_, i) => 7600 + i * 0.7),
  mu: null,
  i0: new Float64Array(300).fill(1e5),
  it: new Float64Array(300).fill(4e4),
  if: null,
  muReference: null,
  iReference: null,
  muSigma: null,
  startedAtMs: 1_700_000_000_000,
  endedAtMs: 1_700_000_001_000,
  sequence: 7,
  origin: 'REPLAY',
  metadata: { cell: 'ü' },
};

const record = (value: Buffer | null, headers: Record<string, string> = {}): SourceRecord => ({
  topic: 'scans',
  partition: 0,
  offset: 1n,
  timestampMs: 0,
  key: Buffer.from('cell-1'),
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)])),
  receivedAtMs: 0,
});

describe('scan codec', () => {
  test('a scan comes back as it went', () => {
    const { value, headers } = encodeScan(scan);
    expect(decodeScan(record(value, headers))).toEqual(scan);
  });

  test('the bytes are those of a plain Avro library, both ways', () => {
    const schema = readFileSync(new URL('../../schemas/scan.v1.avsc', import.meta.url), 'utf8');
    const plain = avro.Type.forSchema(JSON.parse(schema));
    const { startedAtMs, endedAtMs, ...rest } = scan;
    const list = (array: Float64Array | null) => array && Array.from(array);
    const foreign = plain.toBuffer({
      ...rest,
      startedAt: startedAtMs,
      endedAt: endedAtMs,
      energyEv: list(scan.energyEv),
      i0: list(scan.i0),
      it: list(scan.it),
    });
    expect(foreign.equals(encodeScan(scan).value)).toBe(true);
    expect(decodeScan(record(foreign))).toEqual(scan);
  });

  test('arrays written in several blocks, with and without block sizes, are joined', () => {
    const { value } = encodeScan({ ...scan, energyEv: new Float64Array(0) });
    const whole = encodeScan(scan).value;
    const at = value.indexOf(Buffer.from([0, 0, 2])); // empty energies, null mu, i0 present
    const doubles = (from: number, to: number) => Buffer.from(scan.energyEv.slice(from, to).buffer);
    const long = (n: number) => avro.Type.forSchema('long').toBuffer(n);
    const blocks = Buffer.concat([
      ...[long(100), doubles(0, 100)],
      ...[long(-200), long(1600), doubles(100, 300)],
      long(0),
    ]);
    const split = Buffer.concat([value.subarray(0, at), blocks, value.subarray(at + 1)]);
    expect(split.length).toBeGreaterThan(whole.length);
    expect(decodeScan(record(split))).toEqual(scan);
  });

  test.each([
    ['no value', null, {}, 'empty-record'],
    ['an empty value', Buffer.alloc(0), {}, 'empty-record'],
    ['garbage', Buffer.from('not avro at all'), {}, 'malformed-avro'],
    ['a truncated scan', encodeScan(scan).value.subarray(0, 900), {}, 'malformed-avro'],
    ['trailing bytes', Buffer.concat([encodeScan(scan).value, Buffer.from([0])]), {}, 'malformed-avro'],
    ['text', encodeScan(scan).value, { 'content-type': 'text/plain' }, 'unknown-content-type'],
    ['no JSON', encodeScan(scan).value, { 'content-type': 'application/json' }, 'malformed-json'],
    ['another schema', encodeScan(scan).value, { 'schema-name': 'xanes.v2.Scan' }, 'unknown-schema'],
    [
      'another fingerprint',
      encodeScan(scan).value,
      { 'schema-fingerprint': 'ab'.repeat(32) },
      'unknown-schema',
    ],
  ])('%s is a reject with a sentence', (_, value, headers, reason) => {
    const decoded = decodeScan(record(value, headers));
    expect(decoded).toMatchObject({ kind: 'reject', reason });
    expect((decoded as { detail: string }).detail).toMatch(/^Expected .+/);
  });

  test('a hostile item count does not allocate', () => {
    const { value } = encodeScan({ ...scan, energyEv: new Float64Array(0) });
    const at = value.indexOf(Buffer.from([0, 0, 2]));
    const count = avro.Type.forSchema('long').toBuffer(2 ** 50);
    const hostile = Buffer.concat([value.subarray(0, at), count, value.subarray(at + 1)]);
    expect(decodeScan(record(hostile))).toMatchObject({ kind: 'reject', reason: 'malformed-avro' });
  });
});
