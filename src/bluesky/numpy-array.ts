/**
 * How msgpack-numpy writes arrays and scalars: a map whose keys are binary, `nd`, `type`, `kind`, `shape` and `data`.
 * `BINARY_KEY` marks keys that were binary, so that a map of somebody's own with a text key `nd` is not taken for one.
 */
export const BINARY_KEY = '\u0000';

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

/** By NumPy's kind and size in bytes. 64-bit integers lose what lies beyond 53 bits: counts do not get there. */
const READERS: Readonly<Record<string, Reader>> = {
  f2: (view, at, little) => halfFloat(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/**
 * Numbers of a value as a Bluesky document holds it: a number, a NumPy scalar, a NumPy array of any shape (in C order),
 * or lists of numbers. Null: there are other things in it, such as text, objects or NaN spelt out.
 */
export function numbersOf(value: unknown): Float64Array | null {
  const scalar = scalarOf(value);
  if (scalar !== null) return Float64Array.of(scalar);
  if (Array.isArray(value)) return numbersOfList(value);
  if (typeof value === 'object' && value !== null) return numpyNumbers(value as Record<string, unknown>);
  return null;
}

const scalarOf = (value: unknown): number | null =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : null;

function numbersOfList(list: readonly unknown[]): Float64Array | null {
  const numbers: number[] = [];
  return addNumbers(list, numbers, 1) ? Float64Array.from(numbers) : null;
}

/** As many as an array of NumPy may have. */
const MOST_DIMENSIONS = 64;

/** Whether all of a list are numbers, in lists within it too; they go to `numbers`. */
function addNumbers(list: readonly unknown[], numbers: number[], dimensions: number): boolean {
  return list.every((item) => {
    const scalar = scalarOf(item);
    if (scalar !== null) return numbers.push(scalar) > 0;
    if (Array.isArray(item)) return dimensions < MOST_DIMENSIONS && addNumbers(item, numbers, dimensions + 1);
    const inner = numbersOf(item);
    for (const each of inner ?? []) numbers.push(each);
    return inner !== null;
  });
}

/** Numbers of a map that msgpack-numpy wrote; null for other maps, and for kinds that are no real numbers. */
function numpyNumbers(map: Readonly<Record<string, unknown>>): Float64Array | null {
  const type = map[`${BINARY_KEY}type`];
  const data = map[`${BINARY_KEY}data`];
  if (typeof type !== 'string' || !(data instanceof Uint8Array)) return null;
  const [, order, kind] = /^([<>|=]?)([a-z]\d+)$/.exec(type) ?? [];
  const read = READERS[kind ?? ''];
  if (read === undefined) return null;
  const width = Number(kind!.slice(1));
  if (data.byteLength % width !== 0) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const numbers = new Float64Array(data.byteLength / width);
  // `=` is the writer's own order; who writes it is little-endian nowadays.
  const littleEndian = order !== '>';
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = read(view, i * width, littleEndian);
  return numbers;
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
