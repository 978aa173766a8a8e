import fc from 'fast-check';
import { NOTE_KEY, PARTIAL_OF_KEY, type Scan, SWEEP_ELEMENTS_KEY } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';

const good = exampleScan('fuzz', 0);
const bytes = encodeScan(good).value;
/** Any that Avro's long holds in a number. */
const aTime = fc.oneof({ weight: 9, arbitrary: fc.constant(1.7e12) }, fc.integer({ min: -9e15, max: 9e15 }));
const someDoubles = fc.double({ noDefaultInfinity: false, noNaN: false });

/** Names that mean something here, or to JavaScript, and any others. */
const aKey = fc.oneof(
  fc.constantFrom('energy.scale', NOTE_KEY, PARTIAL_OF_KEY, SWEEP_ELEMENTS_KEY, '__proto__', 'constructor'),
  fc.string({ maxLength: 12 }),
);
const aText = fc.oneof(
  fc.constantFrom('feff10', 'Co', 'Co,Fe', 'NaN', '', '\ud800', '\u0000', 'fuzz', '{}'),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

/** Valid bytes with some of them changed, left out, doubled, or put in; or any bytes at all. */
const mutated: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }).map((any) => Buffer.from(any)),
  fc
    .array(
      fc.record({
        at: fc.nat(bytes.length - 1),
        remove: fc.nat(12),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 12 }),
          fc.constantFrom(...[0, 1, 0x7f, 0x80, 0xff].map((byte) => new Uint8Array(9).fill(byte))),
        ),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((edits) => {
      let result = bytes;
      for (const { at, remove, insert } of edits) {
        result = Buffer.concat([result.subarray(0, at), insert, result.subarray(at + remove)]);
      }
      return result;
    }),
  fc.nat(bytes.length).map((end) => bytes.subarray(0, end)),
);

/** Scans that are well formed and hold numbers, names and shapes that nobody measures. */
const wellFormed: fc.Arbitrary<Buffer> = fc
  .record({
    numbers: fc.array(fc.tuple(fc.constantFrom('energyEv', 'mu'), fc.nat(106), someDoubles), {
      maxLength: 4,
    }),
    scale: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 0, -1, 1e-300, 1e-30, 1e29, 1e38, 1e300),
    sampleId: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('__proto__', '')),
    element: fc.constantFrom('Co', 'Co', 'Co', 'Co', 'Co', 'Co', 'Ni', 'O', 'toString', ''),
    mode: fc.constantFrom(
      'MU' as const,
      'MU' as const,
      'MU' as const,
      'TRANSMISSION' as const,
      'FLUORESCENCE' as const,
    ),
    channels: fc.array(fc.constantFrom('i0', 'it', 'if', 'muReference', 'iReference', 'muSigma'), {
      maxLength: 6,
    }),
    points: fc.constantFrom(107, 107, 107, 107, 107, 107, 107, 107, 0, 1, 19, 20, 60),
    metadata: fc.dictionary(aKey, aText, { maxKeys: 4 }),
    times: fc.tuple(aTime, aTime),
    sequence: fc.constantFrom(0, 0, 0, -1, 2 ** 31, 2 ** 53 - 2, 2 - 2 ** 53),
  })
  .map(({ numbers, scale, channels, points, times, metadata, ...rest }) => {
    const arrays: Record<string, Float64Array> = {
      energyEv: good.energyEv.slice(0, points),
      mu: good.mu!.map((value) => value * scale).slice(0, points),
    };
    for (const name of channels) arrays[name] = arrays.mu!.map((value) => Math.exp(-value));
    for (const [name, at, value] of numbers) if (at < arrays[name]!.length) arrays[name]![at] = value;
    const scan: Scan = {
      ...good,
      ...rest,
      ...arrays,
      startedAtMs: times[0],
      endedAtMs: times[1],
      metadata: { ...good.metadata, ...metadata },
    };
    return encodeScan(scan).value;
  });

/** Scans whose names, shapes and times are good, and some of whose numbers have any size that a channel may hold. */
const ofAnySize: fc.Arbitrary<Buffer> = fc
  .record({
    points: fc.array(
      fc.record({
        at: fc.nat(106),
        width: fc.constantFrom(1, 1, 5),
        sign: fc.constantFrom(1, -1),
        size: fc.double({ min: -30, max: 30, noNaN: true }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    step: fc.constantFrom(1, 1, 1e-300, 1e-9, 1e25),
    mode: fc.constantFrom('MU' as const, 'MU' as const, 'TRANSMISSION' as const, 'FLUORESCENCE' as const),
    i0: fc.constantFrom(1000, 1e-12, 1e-300, 1e30),
  })
  .map(({ points, step, mode, i0 }) => {
    const mu = good.mu!.map((value) => step * value);
    for (const { at, width, sign, size } of points) mu.fill(sign * 10 ** size, at, at + width);
    const channels = {
      ...{ mu, i0: mu.map(() => i0) },
      ...{ it: mu.map((value) => i0 * Math.exp(-value)), if: mu.map((value) => i0 * value) },
    };
    return encodeScan({ ...good, ...channels, mode }).value;
  });

const ODD =
  'NaN -Infinity null true "" [] {} -0 0.5 1e400 5e-324 3.5e38 {"a":1,} 2147483648 9007199254740991 ' +
  '-9007199254740992 18446744073709551616 1700000000000.25 1e12 "\\ud800" "NaN" "__proto__" "Co" "mu" "LIVE" ' +
  '[null] [1,"2"] [[1]] {"__proto__":"x","constructor":1}';
const DEEP = `${'['.repeat(4000)}${']'.repeat(4000)}`;
/** A value of JSON, or what somebody takes for one. */
const oddJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD.split(' '), DEEP, `"${'x'.repeat(70_000)}"`, `[${'7,'.repeat(50_000)}7]`),
  fc.double().map(String),
  fc.json({ maxDepth: 3 }),
  aText.map((text) => JSON.stringify(text)),
);
const { startedAtMs: startedAt, endedAtMs: endedAt, energyEv, mu, ...named } = good;
const fields = Object.entries({ ...named, startedAt, endedAt, energyEv: [...energyEv], mu: [...mu!] }).map(
  ([key, value]) => [key, JSON.stringify(value)] as const,
);

/** A scan in JSON of which fields are changed, left out, doubled, or hold what another should. */
const anyJsonValue: fc.Arbitrary<Buffer> = fc
  .array(
    fc.record({
      at: fc.nat(fields.length - 1),
      how: fc.constantFrom('instead', 'instead', 'before', 'behind', 'within', 'other', 'new'),
      key: aKey,
      value: oddJson,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((edits) => {
    const entries = [...fields];
    for (const { at, how, key, value } of edits) {
      const [name, text] = fields[at]!;
      if (how === 'instead') entries[at] = [name, value];
      else if (how === 'other') entries[at] = [name, fields[(at + 7) % fields.length]![1]];
      else if (how === 'within') entries[at] = [name, text.replace(/[,}\]]/, `,${value}$&`)];
      else entries.splice(how === 'before' ? 0 : entries.length, 0, [how === 'new' ? key : name, value]);
    }
    return Buffer.from(`{${entries.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`);
  });

/** What a record of the scans topic may hold: damaged bytes, any bytes, and well-formed scans that nobody measures. */
export const anyRecordValue: fc.Arbitrary<Buffer> = fc.oneof(mutated, wellFormed, ofAnySize);

const IN_JSON = { 'content-type': 'application/json' };
/** The same, and scans in JSON that say that they are. */
export const anyRecord = fc.oneof(
  { weight: 2, arbitrary: anyRecordValue.map((value) => ({ value, headers: {} })) },
  { weight: 1, arbitrary: anyJsonValue.map((value) => ({ value, headers: IN_JSON })) },
);
