import type * as H5wasm from 'h5wasm/node';

/** What of an HDF5 file is read here. Nothing is read before it is asked for. */
export type Dataset = {
  readonly name: string;
  readonly shape: readonly number[];
  attribute(name: string): string | null;
  /** All its numbers, in C order. Throws where it holds none. */
  numbers(): Float64Array;
  /** Numbers of one row of a dataset of two dimensions or more. */
  row(index: number): Float64Array;
};

export type Group = {
  readonly path: string;
  attribute(name: string): string | null;
  /** Members that are there: links to other files that are away are passed over. */
  groups(): readonly Group[];
  datasets(): readonly Dataset[];
  group(path: string): Group | null;
  dataset(path: string): Dataset | null;
  /** The text, or the number as one, of a dataset of one value. */
  text(path: string): string | null;
  parent(): Group | null;
};

export type OpenHdf5 = { readonly root: Group; group(path: string): Group | null; close(): void };

/** The first bytes of an HDF5 file; a user's own block may stand before them, of 512 bytes or more. */
const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

export const isHdf5 = (head: Buffer): boolean =>
  [0, 512, 1024, 2048].some((at) => head.subarray(at, at + 8).equals(SIGNATURE));

/** The library, HDF5 as WebAssembly, which is loaded on the first call. */
export async function loadHdf5(): Promise<Library> {
  const hdf5 = await import('h5wasm/node');
  const library = await hdf5.ready;
  library.activate_throwing_error_handler(); // else each error is printed, a page long
  return hdf5;
}

/** Opens a file from disk. */
export async function openHdf5(path: string): Promise<OpenHdf5> {
  const hdf5 = await loadHdf5();
  const file = new hdf5.File(path, 'r');
  if (file.file_id < 0n) throw new Error('a file that HDF5 does not open');
  const root = groupOf(file, '', hdf5);
  return {
    root,
    group: (name) => (name === '' || name === '/' ? root : root.group(name.replace(/^\/|\/$/g, ''))),
    close() {
      try {
        file.close();
      } catch {
        // of a damaged file, which was said
      }
    },
  };
}

/** What went wrong in one line: the library's innermost reason, whose errors are a page each. */
export function explainHdf5(error: unknown): string {
  const { message } = error as Error;
  const reasons = Array.from(
    message.matchAll(/#\d+: \S+ line \d+ in \w+\(\): (.*)/g),
    ([, reason]) => reason!,
  );
  if (/^Aborted/.test(message)) return 'one that is damaged';
  return reasons.at(-1) ?? message.split('\n', 1)[0]!;
}

/** Numbers of a column, or of a row: a file of some kilobytes may claim any number of zeros. */
const MOST_NUMBERS = 1_000_000;
/** Of what is read as a text, which is one. */
const MOST_TEXTS = 1_000;

type Library = typeof H5wasm;

function groupOf(group: H5wasm.Group, path: string, hdf5: Library, above: Group | null = null): Group {
  const member = (name: string) => {
    try {
      return group.get(name);
    } catch {
      return null;
    }
  };
  const isGroup = (each: unknown): each is H5wasm.Group => each instanceof hdf5.Group;
  const isDataset = (each: unknown): each is H5wasm.Dataset => each instanceof hdf5.Dataset;
  const join = (name: string) => (path === '' ? name : `${path}/${name}`);
  const itself: Group = {
    path,
    attribute: (name) => attributeOf(group, name),
    groups: () =>
      group.keys().flatMap((name) => {
        const found = member(name);
        return isGroup(found) ? [groupOf(found, join(name), hdf5, itself)] : [];
      }),
    datasets: () =>
      group.keys().flatMap((name) => {
        const found = member(name);
        return isDataset(found) ? [datasetOf(found, name)] : [];
      }),
    group(name) {
      const found = member(name);
      return isGroup(found) ? groupOf(found, join(name), hdf5, itself) : null;
    },
    dataset(name) {
      const found = member(name);
      return isDataset(found) ? datasetOf(found, name.split('/').at(-1)!) : null;
    },
    text(name) {
      const found = member(name);
      if (!isDataset(found) || countOf(found.shape ?? []) > MOST_TEXTS) return null;
      const { value } = found;
      const first = Array.isArray(value) ? value[0] : value;
      if (typeof first === 'string') return first.trim() === '' ? null : first.trim();
      return typeof first === 'number' ? String(first) : null;
    },
    parent: () => above,
  };
  return itself;
}

function attributeOf(of: H5wasm.Group | H5wasm.Dataset, name: string): string | null {
  const value = of.attrs[name]?.value;
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : null;
}

function datasetOf(dataset: H5wasm.Dataset, name: string): Dataset {
  const shape = dataset.shape ?? [];
  return {
    name,
    shape,
    attribute: (key) => attributeOf(dataset, key),
    numbers: () => numbersOf(() => dataset.value, name, countOf(shape)),
    row: (index) => numbersOf(() => dataset.slice([[index, index + 1]]), name, countOf(shape.slice(1))),
  };
}

const countOf = (shape: readonly number[]): number => shape.reduce((count, length) => count * length, 1);

function numbersOf(read: () => unknown, name: string, count: number): Float64Array {
  if (count > MOST_NUMBERS)
    throw new Error(`Expected at most ${MOST_NUMBERS} numbers in ${name}, got ${count}`);
  const value = read();
  if (typeof value === 'number') return Float64Array.of(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Float64Array.from(value as unknown as ArrayLike<number | bigint>, Number);
  throw new Error(`Expected numbers in ${name}, got something else`);
}
