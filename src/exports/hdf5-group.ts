import type * as H5wasm from 'h5wasm/node';

type Numbers = Float64Array | Float32Array | Int32Array;

/** A group of a NeXus file that is being written. */
export type Hdf5Group = {
  readonly path: string;
  /** @param nxClass such as NXdata */
  group(name: string, nxClass: string, attributes?: Readonly<Record<string, string>>): Hdf5Group;
  text(name: string, value: string): void;
  number(name: string, value: number, attributes?: Readonly<Record<string, string>>): void;
  /** One text a scan: [scans]. */
  texts(name: string, values: readonly string[]): void;
  /** @param shape of the numbers, in C order; those without a number in it are left out */
  numbers(
    name: string,
    values: Numbers,
    shape: readonly number[],
    attributes?: Readonly<Record<string, string>>,
  ): void;
  /** A second name for what lies at an absolute path. */
  link(name: string, target: string): void;
};

/** Creates a NeXus file; the library, HDF5 as WebAssembly, is loaded on the first call. */
export async function createNexusFile(
  path: string,
  attributes: Readonly<Record<string, string>>,
): Promise<{ readonly root: Hdf5Group; close(): void }> {
  const hdf5 = await import('h5wasm/node');
  await hdf5.ready;
  const file = new hdf5.File(path, 'w');
  if (file.file_id < 0n) throw new Error(`Expected to create ${path}, and HDF5 could not`);
  for (const [key, value] of Object.entries({ NX_class: 'NXroot', ...attributes }))
    file.create_attribute(key, value);
  return { root: groupOf(file, ''), close: () => void file.close() };
}

function groupOf(group: H5wasm.Group, path: string): Hdf5Group {
  const describe = (of: H5wasm.Group | H5wasm.Dataset, attributes: Readonly<Record<string, string>>) => {
    for (const [key, value] of Object.entries(attributes)) of.create_attribute(key, value);
  };
  return {
    path,
    group(name, nxClass, attributes = {}) {
      const made = group.create_group(name);
      describe(made, { NX_class: nxClass, ...attributes });
      return groupOf(made, `${path}/${name}`);
    },
    text: (name, value) => void group.create_dataset({ name, data: value }),
    number: (name, value, attributes = {}) =>
      describe(group.create_dataset({ name, data: value, dtype: '<d' }), attributes),
    texts(name, values) {
      if (values.length > 0) group.create_dataset({ name, data: [...values] });
    },
    numbers(name, values, shape, attributes = {}) {
      if (values.length > 0)
        describe(group.create_dataset({ name, data: values, shape: [...shape] }), attributes);
    },
    link: (name, target) => void group.create_soft_link(target, name),
  };
}
