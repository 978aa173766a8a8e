/** Rows that are looked at together. */
export const BLOCK = 16;
const BLOCK_BYTES = 64;
const PAGE_BYTES = 65_536;

/**
 * A table of rows, and room for a point, in the memory of a WebAssembly instance; `run` multiplies all rows by the
 * point, 4 bytes of each of four rows at a time by SIMD, which JavaScript does not have.
 */
export type RowLoop = {
  readonly memory: ArrayBuffer;
  /** Where in the memory they lie. The table lies at 0, by blocks: a word of each row, then the next word of each. */
  readonly at: {
    /** Of each row what its sum begins with. */
    readonly starts: number;
    readonly sums: number;
    /** The least of the sums of each BLOCK rows. */
    readonly least: number;
    readonly point: number;
  };
  readonly blocks: number;
  run(): void;
};

/**
 * @param numbers a word is two 16-bit integers, and sums are of 32 bits; or it is a float, and so are sums
 * @param words of a row
 */
export function rowLoop(numbers: Numbers, rows: number, words: number): RowLoop {
  const blocks = Math.ceil(rows / BLOCK);
  const starts = blocks * words * BLOCK_BYTES;
  const sums = starts + blocks * BLOCK_BYTES;
  const least = sums + blocks * BLOCK_BYTES;
  const point = least + 4 * blocks;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((point + 4 * words) / PAGE_BYTES) });
  const { run } = new WebAssembly.Instance(moduleOf(numbers), { js: { memory } }).exports as {
    run: (...parameters: number[]) => void;
  };
  return {
    memory: memory.buffer,
    at: { starts, sums, least, point },
    blocks,
    run: () => run(0, blocks, words, point, starts, sums, least),
  };
}

type Numbers = keyof typeof OPERATIONS;

/** Of SIMD, by their opcodes: the product of two words, and of sums the sum and the lesser. */
const OPERATIONS = {
  integers: { product: 186, sum: 174, lesser: 182 }, // i32x4.dot_i16x8_s, i32x4.add, i32x4.min_s
  floats: { product: 230, sum: 228, lesser: 232 }, // f32x4.mul, f32x4.add, f32x4.min
};

const compiled = new Map<Numbers, WebAssembly.Module>();
function moduleOf(numbers: Numbers): WebAssembly.Module {
  const module = compiled.get(numbers) ?? new WebAssembly.Module(Uint8Array.from(assemble(numbers)));
  compiled.set(numbers, module);
  return module;
}

/**
 * The module, put together by hand from the opcodes of the WebAssembly specification. It holds one function, by the
 * names of its parameters and locals:
 *
 *     do {
 *       total = starts[0..15]; at = point; left = words
 *       do { total += rows[0..15] * splat(at); rows += 64; at += 4 } while (--left)
 *       sums[0..15] = total; least[0] = min(total[0..15])
 *       starts += 64; sums += 64; least += 4
 *     } while (--blocks)
 */
function assemble(numbers: Numbers): number[] {
  const [rows, blocks, words, point, starts, sums, least] = [0, 1, 2, 3, 4, 5, 6];
  const [at, left, total, splat] = [7, 8, 9, 13];
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const constant = (value: number) => [0x41, ...signed(value)];
  const plus = (local: number, value: number) => [...get(local), ...constant(value), 0x6a, ...set(local)];
  const again = (counter: number) => [...plus(counter, -1), ...get(counter), 0x0d, 0]; // br_if to the loop's start
  const loop = (...body: number[]) => [0x03, 0x40, ...body, 0x0b];
  const vector = (opcode: number, ...rest: number[]) => [0xfd, ...unsigned(opcode), ...rest];
  const load = (address: number, offset: number) => [...get(address), ...vector(0, 0, offset)];
  const loadSplat = (address: number) => [...get(address), ...vector(9, 0, 0)];
  const { product, sum, lesser } = OPERATIONS[numbers];
  const MIN = vector(lesser);
  const turned = (bytes: number) => vector(13, ...Array.from({ length: 16 }, (_, i) => (i + bytes) % 16)); // shuffle
  const quarters = [0, 1, 2, 3] as const; // of a block: four rows a vector
  const body = loop(
    ...quarters.flatMap((i) => [...load(starts, 16 * i), ...set(total + i)]),
    ...[...get(point), ...set(at), ...get(words), ...set(left)],
    ...loop(
      ...[...loadSplat(at), ...set(splat)],
      ...quarters.flatMap((i) => [
        ...[...load(rows, 16 * i), ...get(splat), ...vector(product)],
        ...[...get(total + i), ...vector(sum), ...set(total + i)],
      ]),
      ...[...plus(rows, BLOCK_BYTES), ...plus(at, 4), ...again(left)],
    ),
    ...quarters.flatMap((i) => [...get(sums), ...get(total + i), ...vector(11, 0, 16 * i)]), // v128.store
    ...[1, 2, 3].flatMap((i) => [...get(total), ...get(total + i), ...MIN, ...set(total)]),
    ...[8, 4].flatMap((by) => [
      ...get(total),
      ...get(total),
      ...get(total),
      ...turned(by),
      ...MIN,
      ...set(total),
    ]),
    ...[...get(least), ...get(total), ...vector(90, 0, 0, 0)], // v128.store32_lane
    ...[...plus(starts, BLOCK_BYTES), ...plus(sums, BLOCK_BYTES), ...plus(least, 4)],
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
    ...section(7, [1, ...text('run'), 0, 0]),
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
