/** A table of rows of 16-bit integers that lies in the memory of a WebAssembly instance. */
export type RowScan = {
  /** To be filled before `run`: minus twice the point. */
  readonly query: Int16Array; // [width, even]
  /** Of each row the square of its distance to the point, less the square of the point: what `run` answers. */
  readonly squares: Int32Array; // [rows]
  /** The least of the squares of each BLOCK rows. */
  readonly least: Int32Array; // [blocks]
  run(): void;
};

/** Rows that are looked at together. */
export const BLOCK = 16;
const BLOCK_BYTES = 64;
const PAGE_BYTES = 65_536;

/**
 * Squares of the distances of all rows to a point, as |r|^2 - 2 p r: one multiplication and one addition a coordinate,
 * eight at a time by SIMD, which JavaScript does not have. All sums must stay below 2^31.
 * @param rows [count * width], row after row; @param width of a row, even
 */
export function rowScan(rows: Int16Array, width: number): RowScan {
  const count = rows.length / width;
  const blocks = Math.ceil(count / BLOCK);
  const pairs = width / 2;
  const normsAt = blocks * pairs * BLOCK_BYTES;
  const squaresAt = normsAt + blocks * BLOCK_BYTES;
  const leastAt = squaresAt + blocks * BLOCK_BYTES;
  const queryAt = leastAt + 4 * blocks;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((queryAt + 2 * width) / PAGE_BYTES) });
  const packed = new Int16Array(memory.buffer, 0, blocks * pairs * (BLOCK_BYTES / 2));
  const norms = new Int32Array(memory.buffer, normsAt, blocks * BLOCK).fill(2 ** 31 - 1);
  for (let row = 0; row < count; row += 1) {
    const lane = row % BLOCK;
    const block = (row - lane) * width;
    let norm = 0;
    for (let i = 0; i < width; i += 1) {
      const value = rows[row * width + i]!;
      packed[block + (i >> 1) * 2 * BLOCK + 2 * lane + (i & 1)] = value;
      norm += value * value;
    }
    norms[row] = norm;
  }
  const { scan } = new WebAssembly.Instance(scanModule(), { js: { memory } }).exports as {
    scan: (...parameters: number[]) => void;
  };
  return {
    query: new Int16Array(memory.buffer, queryAt, width),
    squares: new Int32Array(memory.buffer, squaresAt, count),
    least: new Int32Array(memory.buffer, leastAt, blocks),
    run: () => scan(0, blocks, pairs, queryAt, normsAt, squaresAt, leastAt),
  };
}

let compiled: WebAssembly.Module | undefined;
const scanModule = (): WebAssembly.Module => {
  compiled ??= new WebAssembly.Module(Uint8Array.from(assemble()));
  return compiled;
};

/**
 * The module, put together by hand from the opcodes of the WebAssembly specification. It holds one function, by the
 * names of its parameters and locals:
 *
 *     do {
 *       sums = norms[0..15]; at = query; left = pairs
 *       do { sums += rows[0..15] . splat(at) (i32x4.dot_i16x8_s); rows += 64; at += 4 } while (--left)
 *       squares[0..15] = sums; least[0] = min(sums[0..15])
 *       norms += 64; squares += 64; least += 4
 *     } while (--blocks)
 */
function assemble(): number[] {
  const [rows, blocks, pairs, query, norms, squares, least] = [0, 1, 2, 3, 4, 5, 6];
  const [at, left, sums, point] = [7, 8, 9, 13];
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const constant = (value: number) => [0x41, ...signed(value)];
  const plus = (local: number, value: number) => [...get(local), ...constant(value), 0x6a, ...set(local)];
  const again = (counter: number) => [...plus(counter, -1), ...get(counter), 0x0d, 0]; // br_if to the loop's start
  const loop = (...body: number[]) => [0x03, 0x40, ...body, 0x0b];
  const vector = (opcode: number, ...rest: number[]) => [0xfd, ...unsigned(opcode), ...rest];
  const load = (address: number, offset: number) => [...get(address), ...vector(0, 0, offset)];
  const loadSplat = (address: number) => [...get(address), ...vector(9, 0, 0)];
  const MIN = vector(182); // i32x4.min_s
  const turned = (bytes: number) => vector(13, ...Array.from({ length: 16 }, (_, i) => (i + bytes) % 16)); // shuffle
  const quarters = [0, 1, 2, 3] as const; // of a block: four rows a vector
  const body = loop(
    ...quarters.flatMap((i) => [...load(norms, 16 * i), ...set(sums + i)]),
    ...[...get(query), ...set(at), ...get(pairs), ...set(left)],
    ...loop(
      ...[...loadSplat(at), ...set(point)],
      ...quarters.flatMap((i) => [
        ...[...load(rows, 16 * i), ...get(point), ...vector(186)], // i32x4.dot_i16x8_s
        ...[...get(sums + i), ...vector(174), ...set(sums + i)], // i32x4.add
      ]),
      ...[...plus(rows, BLOCK_BYTES), ...plus(at, 4), ...again(left)],
    ),
    ...quarters.flatMap((i) => [...get(squares), ...get(sums + i), ...vector(11, 0, 16 * i)]), // v128.store
    ...[1, 2, 3].flatMap((i) => [...get(sums), ...get(sums + i), ...MIN, ...set(sums)]),
    ...[8, 4].flatMap((by) => [
      ...get(sums),
      ...get(sums),
      ...get(sums),
      ...turned(by),
      ...MIN,
      ...set(sums),
    ]),
    ...[...get(least), ...get(sums), ...vector(90, 0, 0, 0)], // v128.store32_lane
    ...[...plus(norms, BLOCK_BYTES), ...plus(squares, BLOCK_BYTES), ...plus(least, 4)],
    ...again(blocks),
  );
  const [i32, v128] = [0x7f, 0x7b];
  const locals = [2, 2, i32, 5, v128]; // two groups
  const code = [...locals, ...body, 0x0b];
  return [
    ...[0, ...text('asm').slice(1), 1, 0, 0, 0],
    ...section(1, [1, 0x60, 7, i32, i32, i32, i32, i32, i32, i32, 0]), // the function's type
    ...section(2, [1, ...text('js'), ...text('memory'), 2, 0, 1]), // a memory of one page or more
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('scan'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ];
}

const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];

/** LEB128 of 0 to 2^14 - 1, and of a signed number of 14 bits. */
const unsigned = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, (value >> 7) & 127];
