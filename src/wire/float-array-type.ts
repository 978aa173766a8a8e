import avro from 'avsc';

/** So few numbers are written sooner than a view of their bytes is made. */
const SHORT = 16;

type Tap = { buf: Buffer; pos: number; readLong(): number; writeLong(n: number): void };

/**
 * An Avro `array` of `double` or `float` whose blocks are copied whole. Avro stores such items as little-endian IEEE
 * 754 one after the other, so a block is exactly the memory of a typed array; avsc reads item by item, 4 to 10 times
 * slower. The wire format stays the plain Avro array that any other library writes.
 *
 * Decodes to Float64Array / Float32Array; encodes those, and plain number arrays too.
 */
export function floatArrayType(items: 'double' | 'float'): avro.Type {
  const TypedArray = items === 'double' ? Float64Array : Float32Array;
  const width = TypedArray.BYTES_PER_ELEMENT;

  const read = (tap: Tap) => {
    const blocks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      let count = tap.readLong();
      if (count === 0) break;
      if (count < 0) {
        count = -count; // a negative count is followed by the block's size in bytes
        tap.readLong();
      }
      const start = tap.pos;
      const end = start + count * width;
      // A hostile count must not allocate: a block cannot be longer than the record that holds it.
      if (!(end <= tap.buf.length)) {
        tap.pos = tap.buf.length + 1; // avsc reports a tap beyond its end as a truncated buffer
        return new TypedArray(0);
      }
      blocks.push(tap.buf.subarray(start, end));
      total += end - start;
      tap.pos = end;
    }
    const bytes = new Uint8Array(total); // a copy of its own: aligned, and does not keep the fetched batch alive
    let at = 0;
    for (const block of blocks) {
      bytes.set(block, at);
      at += block.length;
    }
    return new TypedArray(bytes.buffer);
  };

  const write = (tap: Tap, value: ArrayLike<number>) => {
    const { length } = value;
    if (length > 0) {
      tap.writeLong(length);
      const start = tap.pos;
      tap.pos += length * width;
      // Past the end, whoever encodes takes a larger buffer and writes the record once more.
      if (tap.pos <= tap.buf.length) {
        if (value instanceof TypedArray && length > SHORT) {
          tap.buf.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), start);
        } else if (width === 8) {
          for (let i = 0; i < length; i += 1) tap.buf.writeDoubleLE(value[i]!, start + 8 * i);
        } else {
          for (let i = 0; i < length; i += 1) tap.buf.writeFloatLE(value[i]!, start + 4 * i);
        }
      }
    }
    tap.writeLong(0);
  };

  // avsc freezes its types, so the fast paths lie over one instead of in it.
  return Object.create(avro.Type.forSchema({ type: 'array', items }), {
    _read: { value: read },
    _write: { value: write },
    _check: {
      value: (value: unknown) =>
        value instanceof TypedArray || (Array.isArray(value) && value.every((v) => typeof v === 'number')),
    },
  });
}
