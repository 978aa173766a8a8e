import { describe, expect, test } from '@jest/globals';
import { ExtData, encode } from '@msgpack/msgpack';
import { decodeDocument } from '../../src/bluesky/decode-document.ts';
import { numbersOf } from '../../src/bluesky/numpy-array.ts';
import { isReject } from '../../src/messages/reject.ts';
import { DESCRIPTOR, event, recordOf, start } from './documents.ts';

/** Bytes of a map with binary keys, as msgpack-numpy writes an array. */
function numpyMap(type: string, shape: readonly number[], data: Uint8Array): Buffer {
  const bin = (text: string) => Buffer.from([0xc4, text.length, ...Buffer.from(text)]);
  const parts = [
    [bin('nd'), Buffer.from(encode(true))],
    [bin('type'), Buffer.from(encode(type))],
    [bin('kind'), bin('')],
    [bin('shape'), Buffer.from(encode(shape))],
    [bin('data'), Buffer.from(encode(data))],
  ].flat();
  return Buffer.concat([Buffer.from([0x85]), ...parts]);
}

/** An event whose datum `x` is these bytes. */
function eventWith(bytes: Buffer): Buffer {
  const marker = 'x-marks-the-spot';
  const whole = Buffer.from(encode(event(0, { x: marker })));
  const at = whole.indexOf(Buffer.from(encode(marker)));
  return Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + encode(marker).length)]);
}

function numbersIn(bytes: Buffer): Float64Array | null {
  const document = decodeDocument({ value: eventWith(bytes) });
  if (isReject(document) || document.kind !== 'events') throw new Error(JSON.stringify(document));
  return numbersOf(document.events[0]!.data.x);
}

describe('NumPy arrays', () => {
  const bytes = (make: (view: DataView) => void, length: number) => {
    const view = new DataView(new ArrayBuffer(length));
    make(view);
    return new Uint8Array(view.buffer);
  };

  test.each([
    ['<f8', bytes((view) => [1.5, -2].map((x, i) => view.setFloat64(8 * i, x, true)), 16), [1.5, -2]],
    ['>f8', bytes((view) => [1.5, -2].map((x, i) => view.setFloat64(8 * i, x, false)), 16), [1.5, -2]],
    ['<f4', bytes((view) => [1.5, -2].map((x, i) => view.setFloat32(4 * i, x, true)), 8), [1.5, -2]],
    ['<f2', new Uint8Array([0x00, 0x3e, 0x01, 0x00, 0x00, 0xfc]), [1.5, 2 ** -24, Number.NEGATIVE_INFINITY]],
    ['<i8', bytes((view) => view.setBigInt64(0, -7n, true), 8), [-7]],
    ['>u4', bytes((view) => view.setUint32(0, 4_000_000_000, false), 4), [4_000_000_000]],
    ['|i1', new Uint8Array([255]), [-1]],
    ['|b1', new Uint8Array([1, 0]), [1, 0]],
  ])('%s', (type, data, expected) => {
    expect([...numbersIn(numpyMap(type, [expected.length], data))!]).toEqual(expected);
  });

  test('text, objects and torn arrays are no numbers', () => {
    expect(numbersIn(numpyMap('<U4', [1], new Uint8Array(16)))).toBeNull();
    expect(numbersIn(numpyMap('|O', [1], new Uint8Array(8)))).toBeNull();
    expect(numbersIn(numpyMap('<f8', [1], new Uint8Array(7)))).toBeNull();
    expect(numbersIn(Buffer.from(encode({ nd: true, type: '<f8', data: new Uint8Array(8) })))).toBeNull();
  });

  test('lists and single numbers', () => {
    expect([...numbersOf([1, [2, 3n]])!]).toEqual([1, 2, 3]);
    expect([...numbersOf(true)!]).toEqual([1]);
    expect(numbersOf('7')).toBeNull();
    expect(numbersOf([1, 'x'])).toBeNull();
  });

  test('lists within lists go as deep as arrays do, and are gone over once', () => {
    const deep = (depth: number, inner: unknown = 1): unknown =>
      Array.from({ length: depth }).reduce((within) => [within], inner);
    expect([...numbersOf(deep(64))!]).toEqual([1]);
    for (const depth of [65, 5_000, 100_000]) {
      const beganMs = performance.now();
      expect(numbersOf(deep(depth, new Array(100_000).fill(1)))).toBeNull();
      expect(performance.now() - beganMs).toBeLessThan(30_000);
    }
  });
});

describe('documents', () => {
  test('an event_page is its events', () => {
    const page = {
      ...{ uid: ['a', 'b'], descriptor: DESCRIPTOR, seq_num: [1, 2], time: [5, 6], timestamps: {} },
      data: { energy: [7100, 7101], it: [1, 2] },
      filled: { it: [true, false] },
    };
    expect(decodeDocument(recordOf(['event_page', page]))).toEqual({
      kind: 'events',
      descriptor: DESCRIPTOR,
      events: [
        { sequence: 1, timeMs: 5000, data: { energy: 7100, it: 1 }, elsewhere: [] },
        { sequence: 2, timeMs: 6000, data: { energy: 7101, it: 2 }, elsewhere: ['it'] },
      ],
    });
  });

  test('what an event_page says is elsewhere is asked for its events alone', () => {
    const seq_num = Array.from({ length: 50_000 }, (_, i) => i);
    const filled = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, [false]]));
    const page = { descriptor: DESCRIPTOR, seq_num, time: seq_num, data: {}, filled };
    const record = recordOf(['event_page', page]);
    const beganMs = performance.now();
    expect(decodeDocument(record)).toMatchObject({ kind: 'events' });
    expect(performance.now() - beganMs).toBeLessThan(30_000);
  });

  test('documents about files are let pass', () => {
    expect(decodeDocument(recordOf(['stream_resource', {}]))).toEqual({
      kind: 'other',
      name: 'stream_resource',
    });
  });

  test.each([
    ['no value', null, 'got none'],
    ['an empty value', Buffer.alloc(0), 'got none'],
    ['bytes that are no msgpack', Buffer.from([0xc1, 0xc1]), 'bytes of msgpack'],
    ['a record of ours', Buffer.from('Obj\u0001avro'), 'msgpack of [name, document]'],
    ['cut off', Buffer.from(encode(start())).subarray(0, 30), 'bytes of msgpack'],
    ['bytes behind it', Buffer.concat([encode(start()), Buffer.alloc(3)]), 'bytes of msgpack'],
    ['a length that is not there', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), 'bytes of msgpack'],
    [
      'a million items within each other, 400 times in 2 kB',
      Buffer.concat(Array(400).fill(Buffer.from([0xdd, 0x00, 0x0f, 0x42, 0x40]))),
      'claim more items',
    ],
    ['a deep nest', Buffer.alloc(100_000, 0x91), 'bytes of msgpack'],
    ['a key that is no text', Buffer.from(encode(['start', new Map([[[1], 2]])] as never)), 'start.uid'],
    [
      'an unknown name',
      Buffer.from(encode(['begin', {}])),
      'Expected the name of a Bluesky document, got "begin"',
    ],
    ['no uid', Buffer.from(encode(['start', { time: 1 }])), 'Expected start.uid'],
    ['a time in ms', Buffer.from(encode(['start', { uid: 'a', time: 1.75e12 }])), 'Expected start.time'],
    ['a number as data', Buffer.from(encode(['event', { ...event(0)[1], data: 7 }])), 'Expected event.data'],
    ['an extension', Buffer.from(encode(['start', new ExtData(7, new Uint8Array(3))])), 'Expected start'],
    [
      'a page of unequal columns',
      Buffer.from(
        encode(['event_page', { descriptor: 'd', seq_num: [1, 2], time: [1, 2], data: { it: [1] } }]),
      ),
      'Expected event_page.data.it to have 2 items',
    ],
    [
      '__proto__',
      Buffer.from([0x92, 0xa5, ...Buffer.from('start'), 0x81, 0xa9, ...Buffer.from('__proto__'), 0x01]),
      'msgpack',
    ],
  ])('%s: a reject that says so', (_, value, detail) => {
    expect(decodeDocument({ value })).toMatchObject({
      kind: 'reject',
      reason: 'malformed-document',
      detail: expect.stringContaining(detail),
    });
  });
});
