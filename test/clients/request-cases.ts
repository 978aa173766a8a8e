import { readFileSync } from 'node:fs';
import type { Acknowledgement, Request } from '@xanes-stream/client';
import avro from 'avsc';

const REQUEST = avro.Type.forSchema(JSON.parse(readFileSync('schemas/request.v1.avsc', 'utf8')));

/** Bytes of a request for one more scan, of beamline P65, as any Avro library writes them. */
export function requestBytes(changed: Partial<Request>): Buffer {
  const now = Date.now();
  return REQUEST.toBuffer({
    ...{ requestId: 'raw', kind: 'more-scans', beamline: 'P65', runId: null, sampleId: 'battery' },
    ...{ element: null, edge: null, askedBy: 'raw', why: 'a test', scanIds: [] },
    ...{ askedAt: now, validUntil: now + 600_000, origin: 'LIVE' },
    ...{ scans: 1, fromEv: null, toEv: null, text: null, standard: null },
    ...changed,
  });
}

type Case = Pick<Acknowledgement, 'status' | 'reason'> & {
  readonly value: Buffer;
  readonly headers?: Record<string, string>;
};

/**
 * What may come on the requests topic, and how a beamline answers that takes more-scans, and neither pause nor what was
 * made of replayed scans.
 */
export function requestCases(): readonly Case[] {
  const past = Date.now() - 60_000;
  const refused = (reason: string, value: Buffer, headers: Record<string, string> = {}): Case => {
    return { status: 'REFUSED', reason, value, headers };
  };
  const range = { kind: 'next-energy-range', scans: null } as const;
  const standard = {
    scanId: 'a',
    known: 'MEAN_OXIDATION_STATE',
    meanOxidationState: 3,
    uncertainty: null,
  } as const;
  return [
    refused('malformed-request', Buffer.from('__import__("os").system("true")')),
    refused('malformed-request', Buffer.alloc(0)),
    refused('malformed-request', Buffer.concat([requestBytes({ requestId: 'l' }), Buffer.from('x')])),
    refused('unknown-schema', requestBytes({}), { 'schema-name': 'xanes.v1.Scan' }),
    refused('unknown-schema', requestBytes({}), { 'schema-fingerprint': '00' }),
    refused('unknown-kind', requestBytes({ requestId: 'a', kind: 'constructor' })),
    refused('unknown-kind', requestBytes({ requestId: 'b', kind: '__class__' })),
    refused('not-allowed', requestBytes({ requestId: 'c', kind: 'pause' })),
    refused('malformed-request', requestBytes({ requestId: 'e', scans: 0 })),
    refused('malformed-request', requestBytes({ requestId: 'd', scans: null })),
    refused('malformed-request', requestBytes({ requestId: 'f', why: '' })),
    refused('malformed-request', requestBytes({ requestId: 'g', validUntil: 9e15 })),
    refused('malformed-request', requestBytes({ requestId: 'h', ...range, fromEv: 8000, toEv: 7000 })),
    refused('malformed-request', requestBytes({ requestId: 'm', ...range, fromEv: 8000 })),
    refused('malformed-request', requestBytes({ requestId: 'n', kind: 'set-standard', standard })),
    refused('malformed-request', requestBytes({ requestId: '' })),
    {
      ...{ status: 'EXPIRED', reason: 'expired' },
      value: requestBytes({ requestId: 'i', askedAt: past, validUntil: past + 1 }),
    },
    refused('replayed', requestBytes({ requestId: 'j', origin: 'REPLAY' })),
    { status: 'ACCEPTED', reason: 'ok', value: requestBytes({ requestId: 'k' }) },
  ];
}
