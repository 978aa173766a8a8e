import { describe, expect, test } from '@jest/globals';
import type { IHeaders } from 'kafkajs';
import { openBundle } from '../../src/bundle/bundle.ts';
import { flatHeaders } from '../../src/consumers/fetched-records.ts';
import { isReject, REJECT_REASONS, type RejectReason } from '../../src/messages/reject.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { decodeScan } from '../../src/wire/scan-codec.ts';
import { hostileCorpus } from './corpus.ts';

const prepare = makePrepare(openBundle('models/spt').manifest);
const corpus = hostileCorpus();

describe('decode and prepare on hostile bytes', () => {
  test.each(corpus.map((record) => [record.name, record] as const))('%s', (_, hostile) => {
    const scan = decodeScan({
      topic: 'scans',
      partition: 0,
      offset: 0n,
      timestampMs: 0,
      key: hostile.key,
      value: hostile.value,
      headers: flatHeaders({ ...hostile.headers } as IHeaders),
      receivedAtMs: 0,
    });
    const result = isReject(scan) ? scan : prepare(scan);
    expect(isReject(result) ? result.reason : 'descriptors').toBe(hostile.becomes);
    if (!isReject(result)) return;
    expect(result.detail).toMatch(/^Expected /);
    expect(result.detail).toMatch(hostile.says ?? /got/);
    expect(result.detail.length).toBeLessThan(700);
  });

  test('names are unique, so that a service test can tell the records apart', () => {
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test('every reason that bytes can cause is in the corpus', () => {
    // These need a file, a Bluesky run, a schema registry, a whole batch of a fetch, or a fault on our side.
    const elsewhere = [
      'malformed-xdi',
      'malformed-file',
      'malformed-standard',
      'prediction-failed',
      'stage-failed',
      'result-too-large',
      'not-publishable',
      'not-unpacked',
      'schema-registry-away',
      'malformed-document',
      'unmapped-run',
      'missing-documents',
    ];
    const covered = new Set(corpus.map(({ becomes }) => becomes));
    const missing = Object.keys(REJECT_REASONS).filter((reason) => !covered.has(reason as RejectReason));
    expect(missing.sort()).toEqual(elsewhere.sort());
  });
});
