import type avro from 'avsc';

type Tap = { buf: Buffer; pos: number; readLong(): number; readString(): string };
type Reader = { _read(tap: Tap): unknown };

/**
 * Makes an Avro `map`, or an `array` of anything but floats, refuse a block that claims more entries than the bytes
 * that are left can hold. avsc loops over the claimed count whatever follows: 2^50 entries claimed by a record of a
 * hundred bytes would hold the process for ever.
 */
export function boundedBlocks(type: avro.Type): avro.Type {
  const { itemsType, valuesType } = type as unknown as { itemsType?: Reader; valuesType?: Reader };
  const read =
    itemsType === undefined
      ? (tap: Tap) =>
          // fromEntries defines what it sets: a key such as __proto__ is a key like any other.
          Object.fromEntries(readBlocks(tap, 2, () => [tap.readString(), valuesType!._read(tap)] as const))
      : (tap: Tap) => readBlocks(tap, 1, () => itemsType._read(tap));
  return Object.create(type, { _read: { value: read } }); // avsc freezes its types
}

/** The entries of all blocks; `leastBytes`: what one entry takes at the least. Stops where the bytes end. */
function readBlocks<Entry>(tap: Tap, leastBytes: number, readEntry: () => Entry): Entry[] {
  const entries: Entry[] = [];
  for (;;) {
    let count = tap.readLong();
    if (count === 0) return entries;
    if (count < 0) {
      count = -count; // a negative count is followed by the block's size in bytes
      tap.readLong();
    }
    if (!(count * leastBytes <= tap.buf.length - tap.pos)) return truncated(tap);
    for (let i = 0; i < count; i += 1) {
      entries.push(readEntry());
      if (!(tap.pos <= tap.buf.length)) return truncated(tap);
    }
  }
}

/** avsc reports a tap beyond its end as a truncated buffer. */
function truncated(tap: Tap): never[] {
  tap.pos = tap.buf.length + 1;
  return [];
}
