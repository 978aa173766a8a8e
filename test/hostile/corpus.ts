import { encode as packed } from '@msgpack/msgpack';
import type { RejectReason } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';

/** A record as a client may publish it, and what must become of it. */
export type HostileRecord = {
  readonly name: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Kafka allows a header without a value, though the client's types do not. */
  readonly headers: Readonly<Record<string, null | Buffer | (Buffer | null)[]>>;
  /** `descriptors`: odd, but valid. */
  readonly becomes: RejectReason | 'descriptors';
  /** What the dead letter's sentence must say. */
  readonly says?: RegExp;
};

type Expected = Pick<HostileRecord, 'becomes' | 'says'>;

/**
 * What has been seen on wires, and what can be thought of: one list for the unit tests of decoding and preparing, and
 * for the service on a real broker.
 */
export function hostileCorpus(): readonly HostileRecord[] {
  const good = exampleScan('hostile', 0);
  const bytes = encodeScan(good).value;
  const { energyEv } = good;
  const mu = good.mu!;
  const points = energyEv.length;
  const at = (values: Float64Array, index: number, value: number) =>
    values.map((v, i) => (i === index ? value : v));
  const constant = (value: number) => new Float64Array(points).fill(value);
  const channels = (i0: Float64Array | null, it: Float64Array | null): Partial<Scan> => ({
    mode: 'TRANSMISSION',
    mu: null,
    i0,
    it,
  });
  const i0 = constant(1000);
  const it = mu.map((v) => 1000 * Math.exp(-v));
  const edgeless = energyEv.map((energy) => 1 - (energy - energyEv[0]!) / 1e4);

  return [
    // Not Avro at all.
    wire('a tombstone', null, { becomes: 'empty-record', says: /got none/ }),
    wire('no bytes', Buffer.alloc(0), { becomes: 'empty-record', says: /got none/ }),
    wire('one byte', Buffer.from([0x00]), malformed),
    wire('JSON that does not say so', json({}), {
      ...malformed,
      says: /they are JSON: send header content-type/,
    }),
    wire('what begins and ends as JSON does', Buffer.from(`{${'x'.repeat(100)}}`), malformed),
    wire('msgpack', Buffer.from(packed(['event', { seq_num: 1, data: { i0: 1 } }])), {
      ...malformed,
      says: /they are msgpack: .* npm run bluesky/,
    }),
    wire('msgpack that claims 2^32 items', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), malformed),
    wire('text', Buffer.from('not a scan\n'.repeat(50)), malformed),
    wire('random bytes', garbage(4096), malformed),
    wire('all ones', Buffer.alloc(2048, 0xff), malformed),
    wire('all zeros', Buffer.alloc(2048), malformed),
    wire('900 kB of random bytes', garbage(900_000), malformed),

    // Avro that is damaged.
    wire('cut in the middle', bytes.subarray(0, bytes.length >> 1), malformed),
    wire('last byte missing', bytes.subarray(0, -1), malformed),
    wire('a byte too many', Buffer.concat([bytes, Buffer.from([7])]), malformed),
    wire('two scans in one record', Buffer.concat([bytes, bytes]), malformed),
    wire('a string of 9e15 bytes', Buffer.concat([zigZag(9e15), Buffer.from('x')]), malformed),
    wire('an array of 9e15 doubles', withEnergies(zigZag(9e15)), malformed),
    wire('an array block of a negative size', withEnergies(zigZag(-3), zigZag(-8)), malformed),
    wire('metadata of 2^50 entries', withMetadata(zigZag(2 ** 50)), malformed),
    wire('metadata of -2^50 entries', withMetadata(zigZag(-(2 ** 50)), zigZag(8)), malformed),
    wire('metadata of 2^40 blocks of no entries', withMetadata(zigZag(-1), zigZag(2 ** 40)), malformed),
    wire('an unknown enum symbol', withMode(zigZag(77)), malformed),
    wire('a Confluent frame before the bytes', Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), bytes]), {
      ...malformed,
      says: /Confluent's wire format, schema id 1: set SCHEMA_REGISTRY_URL/,
    }),

    // JSON, which its header names.
    inJson('a scan in JSON', json({}), { becomes: 'descriptors' }),
    inJson(
      'a scan in JSON with nothing that may be left out',
      json({ runId: undefined, sequence: undefined }),
      {
        becomes: 'descriptors',
      },
    ),
    inJson('no JSON', bytes, { becomes: 'malformed-json', says: /Expected a JSON object, got/ }),
    inJson('JSON of Python with NaN', Buffer.from('{"mu": [NaN]}'), {
      becomes: 'malformed-json',
      says: /NaN/,
    }),
    inJson('JSON that is cut off', json({}).subarray(0, 900), { becomes: 'malformed-json' }),
    inJson('JSON without an id', json({ scanId: undefined }), {
      becomes: 'malformed-json',
      says: /scanId .*nothing/,
    }),
    inJson('a text in an array of JSON', json({ mu: ['1.5'] }), {
      becomes: 'malformed-json',
      says: /Expected mu\.0 to be a number or null, got "1.5"/,
    }),
    inJson('a million arrays within arrays', Buffer.alloc(900_000, '['), { becomes: 'malformed-json' }),
    inJson('null where the edge is', json({ mu: [...mu].map((v, i) => (i === 40 ? null : v)) }), {
      becomes: 'non-finite',
      says: /mu .*NaN at index 40/,
    }),
    inJson('an id of 2,000 characters in JSON', json({ scanId: 's'.repeat(2000) }), {
      becomes: 'field-too-long',
      says: /scanId .*got 2000/,
    }),
    inJson('seconds for ms in JSON', json({ startedAt: -1 }), { becomes: 'time-out-of-range' }),
    inJson('a gap in the range in JSON', json({ element: 'Fe' }), { becomes: 'grid-not-covered' }),
    headed(
      'a frame whose schema nobody can look up',
      { 'content-type': [Buffer.from('application/avro; framing=confluent')] },
      { becomes: 'unknown-schema', says: /schema \d+ to be known: set SCHEMA_REGISTRY_URL/ },
      Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), bytes]),
    ),
    headed(
      'a frame that is announced and not there',
      { 'content-type': [Buffer.from('application/avro; framing=confluent')] },
      { becomes: 'malformed-avro', says: /a zero and a schema id/ },
    ),
    headed(
      'a frame with the fingerprint of our schema beside it',
      { ...ownHeaders(), 'content-type': [Buffer.from('application/avro; framing=confluent')] },
      { becomes: 'descriptors' },
      Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), bytes]),
    ),

    // Headers.
    headed('no headers', {}, { becomes: 'descriptors' }),
    headed(
      'another content type',
      { 'content-type': [Buffer.from('text/plain')] },
      { becomes: 'unknown-content-type', says: /application\/json, got "text\/plain"/ },
    ),
    headed(
      'the name of another schema',
      { 'schema-name': [Buffer.from('xanes.v1.Descriptors')] },
      { becomes: 'unknown-schema', says: /xanes\.v1\.Descriptors/ },
    ),
    headed(
      'an unknown fingerprint',
      { 'schema-fingerprint': [Buffer.from('ab'.repeat(32))] },
      { becomes: 'unknown-schema', says: /abab/ },
    ),
    headed(
      'a header that is there twice: the last one counts',
      { 'content-type': [Buffer.from('application/json'), Buffer.from('application/avro')] },
      { becomes: 'descriptors' },
    ),
    headed(
      'headers that are not text, are empty, or bear dangerous names',
      {
        blob: [garbage(64)],
        empty: [Buffer.alloc(0)],
        constructor: [Buffer.from('x')],
        'é\n': [Buffer.from('x')],
      },
      { becomes: 'descriptors' },
    ),
    headed(
      'headers without a value, and one named __proto__',
      { 'content-type': null, nothing: [null], ['__proto__']: [Buffer.from('x')] },
      { becomes: 'descriptors' },
    ),
    headed(
      'a content type of 50 kB',
      { 'content-type': [Buffer.alloc(50_000, 'x')] },
      { becomes: 'unknown-content-type', says: /x{100}…/ },
    ),

    // Numbers.
    scan(
      'NaN in mu',
      { mu: at(mu, 20, Number.NaN) },
      { becomes: 'non-finite', says: /mu .*NaN at index 20/ },
    ),
    scan(
      'infinity in mu',
      { mu: at(mu, 3, Infinity) },
      { becomes: 'non-finite', says: /Infinity at index 3/ },
    ),
    scan(
      'NaN in the energies',
      { energyEv: at(energyEv, 5, Number.NaN) },
      { becomes: 'non-finite', says: /energyEv/ },
    ),
    scan('energies upside down', { energyEv: energyEv.toReversed() }, { becomes: 'inverted-edge' }),
    scan(
      'energies in no order',
      { energyEv: energyEv.map((_, i) => energyEv[(37 * i) % energyEv.length]!) },
      { becomes: 'unsorted-energies', says: /index 3/ },
    ),
    scan(
      'an energy that is there twice',
      { energyEv: at(energyEv, 9, energyEv[8]!) },
      { becomes: 'descriptors' },
    ),
    scan('energies in keV', { energyEv: energyEv.map((e) => e / 1000) }, { becomes: 'grid-not-covered' }),
    scan('energies in MeV', { energyEv: energyEv.map((e) => e / 1e6) }, { becomes: 'energy-out-of-range' }),
    scan(
      'a last energy that stands for none',
      { energyEv: at(energyEv, points - 1, 99_999_999) },
      { becomes: 'energy-out-of-range', says: /99999999 at index/ },
    ),
    scan(
      'two energies as far apart as they may be, in a noisy scan',
      {
        energyEv: at(at(energyEv, points - 1, 199_999), 0, 1),
        mu: mu.map((v, i) => v + 0.2 * Math.sin(i * i * 12.9898)),
      },
      { becomes: 'descriptors' },
    ),
    scan(
      'the overflow value of an instrument in the last point',
      { mu: at(mu, points - 1, 9.9e37) },
      { becomes: 'non-finite', says: /overflow value 9.9e\+37 at index/ },
    ),
    scan('1e39 on the grid', { mu: at(mu, 40, 1e39) }, { becomes: 'non-finite', says: /1e\+39 at index 40/ }),
    scan(
      'a point of 1e17 edge steps, which no network can square',
      { mu: at(mu, 40, 1e17) },
      {
        becomes: 'non-finite',
        says: /mu over the edge step of .* within 10000000 .* got \d\.\d+e\+16 at 77/,
      },
    ),
    scan('an intensity that is smaller than any that is measured', channels(i0, at(it, 50, 5e-324)), {
      becomes: 'non-finite',
      says: /i0\/it .* got i0 of 1000 and it of 5e-324 at index 50/,
    }),
    scan(
      'an overflow value in the uncertainty',
      { muSigma: at(constant(0.01), 0, 9.9e37) },
      { becomes: 'non-finite', says: /muSigma/ },
    ),
    scan(
      'an overflow value in the reference channel: judged as without one',
      { muReference: at(mu, 3, 9.9e37) },
      { becomes: 'descriptors' },
    ),
    scan('negative energies', { energyEv: energyEv.map((e) => e - 1e4) }, { becomes: 'unsorted-energies' }),
    scan('mu shorter', { mu: mu.slice(0, -1) }, { becomes: 'length-mismatch', says: /107 .*got 106/ }),
    scan('mu empty', { mu: new Float64Array() }, { becomes: 'length-mismatch', says: /got 0/ }),
    scan(
      'no points',
      { energyEv: new Float64Array(), mu: new Float64Array() },
      { becomes: 'too-few-points', says: /got 0/ },
    ),
    scan(
      '50,000 points',
      { energyEv: Float64Array.from({ length: 50_000 }, (_, i) => 7000 + i * 0.02), mu: constantOf(50_000) },
      { becomes: 'too-many-points', says: /50000/ },
    ),
    scan('no mu', { mu: null }, { becomes: 'missing-channel', says: /mu/ }),
    scan('no transmitted intensity', channels(i0, null), { becomes: 'missing-channel', says: /it/ }),
    scan('a zero in i0', channels(at(i0, 50, 0), it), {
      becomes: 'non-positive-intensity',
      says: /i0 .*index 50/,
    }),
    scan('a dead detector', channels(i0, constant(5)), { becomes: 'dead-channel', says: /it/ }),
    scan(
      'a saturated detector',
      channels(
        i0,
        it.map((v) => Math.min(v, it[15]!)),
      ),
      { becomes: 'saturated-channel', says: /it/ },
    ),
    scan('mu all zero', { mu: constant(0) }, { becomes: 'dead-channel' }),
    scan(
      'mu of 1e308',
      { mu: mu.map((v, i) => (i % 2 ? v * 1e307 : -v * 1e307)) },
      { becomes: 'non-finite', says: /overflow/ },
    ),
    scan(
      '20,000 points of a closed shutter',
      {
        energyEv: Float64Array.from({ length: 20_000 }, (_, i) => 7600 + i * 0.02),
        mu: Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i * 12.9898) * 1000),
      },
      { becomes: 'edge-step-too-small' },
    ),
    scan(
      'iron, measured far enough to reach cobalt',
      {
        energyEv: Float64Array.from({ length: 2000 }, (_, i) => 7000 + 0.5 * i),
        mu: Float64Array.from({ length: 2000 }, (_, i) => Math.atan(0.5 * i - 112)),
      },
      { becomes: 'edge-not-found' },
    ),
    scan('an inverted edge', { mu: mu.map((v) => 2 - v) }, { becomes: 'inverted-edge' }),
    scan('no edge', { mu: edgeless }, { becomes: 'inverted-edge' }),
    scan(
      'half of the energy range',
      { energyEv: energyEv.slice(0, 40), mu: mu.slice(0, 40) },
      { becomes: 'grid-not-covered' },
    ),
    scan(
      'a negative uncertainty',
      { muSigma: at(constant(0.01), 0, -1) },
      { becomes: 'non-finite', says: /muSigma/ },
    ),

    // Names.
    scan('an element without a model', { element: 'Og' }, { becomes: 'unknown-element', says: /Og/ }),
    scan('an element in lower case', { element: 'co' }, { becomes: 'unknown-element' }),
    scan('an element named as every object is', { element: 'constructor' }, { becomes: 'unknown-element' }),
    scan('another element', { element: 'Fe' }, { becomes: 'grid-not-covered', says: /steepest rise/ }),
    scan('another edge', { edge: 'L3' }, { becomes: 'unknown-edge', says: /L3/ }),
    scan(
      'an unknown energy scale',
      { metadata: { 'energy.scale': 'furlongs' } },
      { becomes: 'unknown-energy-scale', says: /furlongs/ },
    ),
    scan(
      'ids as long as they may be',
      { scanId: 's'.repeat(1024), runId: 'r'.repeat(1024), beamline: 'é'.repeat(1024) },
      { becomes: 'descriptors' },
    ),
    scan(
      'a scan id that is longer',
      { scanId: 's'.repeat(1025) },
      { becomes: 'field-too-long', says: /scanId .*got 1025/ },
    ),
    scan(
      'a sample id of 900 kB',
      { sampleId: 's'.repeat(900_000) },
      { becomes: 'field-too-long', says: /sampleId .*got 900000/ },
    ),
    {
      ...wire('rubbish under a key of 900 kB', garbage(100), malformed),
      key: Buffer.alloc(900_000, 'k'),
    },
    {
      ...headed('a key of 5 kB', {}, { becomes: 'field-too-long', says: /record key .*got 5000/ }),
      key: Buffer.alloc(5000, 'k'),
    },
    scan(
      'an element of 100 kB',
      { element: 'X'.repeat(100_000) },
      { becomes: 'field-too-long', says: /element .*got 100000/ },
    ),
    scan('no ids', { scanId: '', runId: '', sampleId: '', beamline: '' }, { becomes: 'descriptors' }),
    scan(
      'ids of control characters',
      { scanId: '\u0000\n\u202e', runId: '\ud83e' },
      { becomes: 'descriptors' },
    ),
    scan(
      'metadata of 500 kB',
      { metadata: { log: 'x'.repeat(500_000) } },
      { becomes: 'field-too-long', says: /metadata .*got 500003/ },
    ),
    scan(
      'metadata of 2,000 entries',
      { metadata: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, 'v'])) },
      { becomes: 'field-too-long', says: /1000 entries, got 2000/ },
    ),
    scan(
      'metadata of 300 kB',
      { metadata: { 'energy.scale': 'feff10', log: 'x'.repeat(300_000), ['__proto__']: 'x' } },
      { becomes: 'descriptors' },
    ),

    // Times.
    scan(
      'the year 2200',
      { startedAtMs: Date.UTC(2200, 0), endedAtMs: Date.UTC(2200, 0, 2) },
      { becomes: 'time-out-of-range', says: /startedAt / },
    ),
    scan('before 1970', { startedAtMs: -1e12, endedAtMs: -1e12 }, { becomes: 'time-out-of-range' }),
    scan('an end before its start', { startedAtMs: 2e12, endedAtMs: 1e12 }, { becomes: 'descriptors' }),
    scan(
      'the last time that there is',
      { endedAtMs: Number.MAX_SAFE_INTEGER - 1 },
      { becomes: 'time-out-of-range', says: /endedAt / },
    ),
    wire('a time of 64 bits', withStart(Buffer.from('feffffffffffffffff01', 'hex')), malformed),
    scan('a negative sequence', { sequence: -5 }, { becomes: 'descriptors' }),
  ];

  function wire(name: string, value: Buffer | null, expected: Expected): HostileRecord {
    return { name, key: Buffer.from('hostile'), value, headers: ownHeaders(), ...expected };
  }
  function headed(
    name: string,
    headers: HostileRecord['headers'],
    expected: Expected,
    value = bytes,
  ): HostileRecord {
    return { name, key: Buffer.from('hostile'), value, headers, ...expected };
  }
  function inJson(name: string, value: Buffer, expected: Expected): HostileRecord {
    return headed(name, { 'content-type': [Buffer.from('application/json')] }, expected, value);
  }
  /** The good scan with other fields; one that is undefined is left out. */
  function json(changes: Readonly<Record<string, unknown>>): Buffer {
    const { startedAtMs: startedAt, endedAtMs: endedAt, energyEv: _, mu: __, ...rest } = good;
    return Buffer.from(
      JSON.stringify({ ...rest, energyEv: [...energyEv], mu: [...mu], startedAt, endedAt, ...changes }),
    );
  }
  function scan(name: string, changes: Partial<Scan>, expected: Expected): HostileRecord {
    const { value } = encodeScan({ ...good, scanId: name, ...changes });
    return { name, key: null, value, headers: ownHeaders(), ...expected };
  }
  function ownHeaders(): Record<string, Buffer[]> {
    const headers = Object.entries(encodeScan(good).headers);
    return Object.fromEntries(headers.map(([key, value]) => [key, [Buffer.from(value)]]));
  }

  /** The good scan with other bytes from a place on: found by encoding the scan with and without what lies there. */
  function withEnergies(...count: Buffer[]): Buffer {
    const head = bytes.indexOf(
      zigZag(points),
      encodeScan({ ...good, energyEv: new Float64Array() }).value.indexOf('K') + 2,
    );
    return Buffer.concat([bytes.subarray(0, head), ...count, bytes.subarray(head + zigZag(points).length)]);
  }
  /** The last byte ends the blocks of the metadata: another block in its place. */
  function withMetadata(...count: Buffer[]): Buffer {
    return Buffer.concat([bytes.subarray(0, -1), ...count, Buffer.from('abcdefgh')]);
  }
  function withMode(mode: Buffer): Buffer {
    const edge = bytes.indexOf('\u0002K'); // the length 1, and the letter; the mode's byte follows
    return Buffer.concat([bytes.subarray(0, edge + 2), mode, bytes.subarray(edge + 3)]);
  }
  function withStart(time: Buffer): Buffer {
    const start = zigZag(good.startedAtMs);
    const head = bytes.indexOf(start);
    return Buffer.concat([bytes.subarray(0, head), time, bytes.subarray(head + start.length)]);
  }
}

const malformed: Expected = { becomes: 'malformed-avro', says: /decode as xanes\.v1\.Scan/ };

const constantOf = (points: number) => new Float64Array(points).fill(1);

/** Avro's long: zig-zag, then 7 bits a byte, the lowest first. */
function zigZag(value: number): Buffer {
  let rest = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** The same bytes at every run, without any order to be seen. */
function garbage(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12345;
  for (let i = 0; i < length; i += 1) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    bytes[i] = state >> 16;
  }
  return bytes;
}
