import { describe, expect, test } from '@jest/globals';
import { isReject } from '../../src/messages/reject.ts';
import type { Standard } from '../../src/messages/standard.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { decodeStandard, encodeStandard } from '../../src/wire/standard-codec.ts';
import { wireType } from '../../src/wire/wire-type.ts';
import { FOIL, osOf, standardOf } from '../standards/example-standards.ts';

const buffers = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));

function travelled(standard: Standard, key = standard.standardId) {
  const { value, headers } = encodeStandard(standard);
  return decodeStandard({ key: Buffer.from(key), value, headers: buffers(headers) });
}

describe('a standard', () => {
  test.each([
    ['a foil', standardOf({ known: FOIL })],
    ['a sample of known state', standardOf({ known: osOf(2.67), validFromMs: 5, validUntilMs: 9 })],
  ])('comes out as it went in: %s', (_, standard) => {
    expect(travelled(standard)).toEqual(standard);
  });

  test('of a client that knows the schema files alone is read without headers', () => {
    const standard = standardOf();
    const wire = {
      ...{ standardId: 'sample', beamline: 'test', element: 'Co', edge: 'K', validFrom: 0, validUntil: null },
      ...{ known: 'MEAN_OXIDATION_STATE', meanOxidationState: 3, uncertainty: 0.05 },
      ...{ scan: encodeScan(standard.scan).value, scanFingerprint: '' },
    };
    const value = wireType('standard.v1.avsc').encode(wire);
    expect(decodeStandard({ key: Buffer.from('sample'), value, headers: {} })).toEqual(standard);
    const without = wireType('standard.v1.avsc').encode({ ...wire, uncertainty: null });
    expect(decodeStandard({ key: Buffer.from('sample'), value: without, headers: {} })).toMatchObject({
      reason: 'malformed-standard',
      detail: 'Expected uncertainty to be given, got null',
    });
  });

  test('whose key names another is refused', () => {
    expect(travelled(standardOf(), 'other')).toMatchObject({
      reason: 'malformed-standard',
      detail: 'Expected the record key to be standardId',
    });
  });

  test.each<[string, Partial<Standard>, string]>([
    ['no beamline', { beamline: '' }, 'Expected beamline to have 1 to 1024 characters, got 0'],
    ['a long id', { standardId: 'x'.repeat(1025) }, 'Expected standardId to have 1 to 1024 characters'],
    ['a scan of another element', { element: 'Ni' }, 'Expected the scan to be of Ni K, as the standard'],
    ['a time in ns', { validFromMs: 1.8e15 }, 'Expected validFrom to be ms since 1970 and before 2100'],
    ['an end before 1970', { validUntilMs: -1 }, 'Expected validUntil to be ms since 1970'],
    ['an unheard-of state', { known: osOf(12) }, 'Expected meanOxidationState to be from -9 to 9, got 12'],
    ['a state that is no number', { known: osOf(Number.NaN) }, 'Expected meanOxidationState to be from -9'],
    [
      'no uncertainty',
      { known: { kind: 'mean-oxidation-state', value: 3, uncertainty: 0 } },
      'Expected uncertainty to be above 0 and at most 9, got 0',
    ],
    [
      'a scan beyond its bounds',
      { scan: standardOf({}, { sampleId: 'x'.repeat(1025) }).scan },
      'In the scan: Expected sampleId',
    ],
  ])('with %s is refused in a sentence', (_, fields, detail) => {
    const result = travelled(standardOf(fields));
    if (!isReject(result)) throw new Error('Expected a reject');
    expect(result.detail).toContain(detail);
  });

  test('of bytes that are none, or of an unknown schema, is refused', () => {
    const key = Buffer.from('sample');
    const { value, headers } = encodeStandard(standardOf());
    for (const bytes of [Buffer.alloc(0), Buffer.from('no standard'), value.subarray(0, -1)]) {
      expect(decodeStandard({ key, value: bytes, headers: {} })).toMatchObject({ kind: 'reject' });
    }
    const foreign = { ...buffers(headers), 'schema-fingerprint': Buffer.from('0'.repeat(64)) };
    expect(decodeStandard({ key, value, headers: foreign })).toMatchObject({ reason: 'unknown-schema' });
  });
});
