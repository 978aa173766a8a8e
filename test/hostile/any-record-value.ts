import fc from 'fast-check';
import type { Scan } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';

const good = exampleScan('fuzz', 0);
const bytes = encodeScan(good).value;
/** Any that Avro's long holds in a number. */
const aTime = fc.oneof({ weight: 9, arbitrary: fc.constant(1.7e12) }, fc.integer({ min: -9e15, max: 9e15 }));
const someDoubles = fc.double({ noDefaultInfinity: false, noNaN: false });

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
    metadata: fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 30 }), { maxKeys: 4 }),
    times: fc.tuple(aTime, aTime),
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

/** What a record of the scans topic may hold: damaged bytes, any bytes, and well-formed scans that nobody measures. */
export const anyRecordValue: fc.Arbitrary<Buffer> = fc.oneof(mutated, wellFormed);
