import * as hdf5 from 'h5wasm/node';

export type Tree = {
  readonly [name: string]:
    | Tree
    | string
    | number
    | Float64Array
    | readonly [Float64Array, readonly number[], string?];
};

/** Writes an HDF5 file of groups; `@name` is an attribute, [data, shape, units] a dataset. */
export async function hdf5File(path: string, tree: Tree): Promise<string> {
  await hdf5.ready;
  const made = new hdf5.File(path, 'w');
  const write = (group: hdf5.Group, branch: Tree): void => {
    for (const [key, value] of Object.entries(branch)) {
      if (key.startsWith('@')) group.create_attribute(key.slice(1), value as string);
      else if (typeof value === 'string' || typeof value === 'number')
        group.create_dataset({ name: key, data: value });
      else if (value instanceof Float64Array) group.create_dataset({ name: key, data: value });
      else if (Array.isArray(value)) {
        const dataset = group.create_dataset({ name: key, data: value[0], shape: [...value[1]] });
        if (value[2] !== undefined) dataset.create_attribute('units', value[2]);
      } else write(group.create_group(key), value as Tree);
    }
  };
  write(made, tree);
  made.close();
  return path;
}
