import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { parametersOf } from './save-model.ts';

/** What new data bring that a network has not met. */
export type Additions = {
  readonly elements: readonly string[];
  readonly coverage: readonly (readonly number[])[]; // [elements, bins]
  readonly classes: Readonly<Partial<Record<DescriptorName, readonly number[]>>>;
  readonly reals: NetworkConfig['reals'];
};

/**
 * The network with more absorbers, classes or descriptors, answering for the old ones as before (but for the share of
 * probability that a new class takes). A new absorber begins as the mean of the known ones, a new class or descriptor
 * at zero.
 */
export function extendNetwork(
  network: NetworkConfig,
  weights: ReadonlyMap<string, Float32Array>,
  additions: Additions,
): { readonly network: NetworkConfig; readonly weights: Map<string, Float32Array> } {
  const classes: Partial<Record<DescriptorName, readonly number[]>> = { ...network.classes };
  for (const [key, values] of Object.entries(additions.classes)) {
    const name = key as DescriptorName;
    const all = [...new Set([...(network.classes[name] ?? []), ...values])].sort((a, b) => a - b);
    if (all.length > 0) classes[name] = all; // no head that says nothing
  }
  const extended: NetworkConfig = {
    ...network,
    elements: [...network.elements, ...additions.elements],
    coverage: [...network.coverage, ...additions.coverage],
    classes,
    reals: { ...additions.reals, ...network.reals },
  };
  const before = new Map(parametersOf(network).map(({ name, shape }) => [name, shape]));
  const known = network.elements.length;
  const values = parametersOf(extended).map(({ name, shape }): [string, Float32Array] => {
    const old = weights.get(name);
    const oldShape = before.get(name);
    const size = shape.reduce((a, b) => a * b, 1);
    if (old === undefined || oldShape === undefined) return [name, new Float32Array(size)]; // a new descriptor
    if (old.length === size) return [name, old];
    // Absorbers are the last rows of a kernel; classes are the columns of a head.
    const [rows, columns] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, shape[0]!];
    const [oldRows, oldColumns] = shape.length === 2 ? [oldShape[0]!, oldShape[1]!] : [1, oldShape[0]!];
    const column = columnsOf(name, network, extended) ?? Array.from({ length: columns }, (_, c) => c);
    const out = new Float32Array(size);
    for (let c = 0; c < columns; c++) {
      const from = column[c]!;
      if (from < 0) continue;
      for (let r = 0; r < rows; r++) {
        if (r < oldRows) out[r * columns + c] = old[r * oldColumns + from]!;
        else {
          let sum = 0;
          for (let k = oldRows - known; k < oldRows; k++) sum += old[k * oldColumns + from]!;
          out[r * columns + c] = sum / known;
        }
      }
    }
    return [name, out];
  });
  return { network: extended, weights: new Map(values) };
}

/** Of a class head: where each column was before, -1 for a new class; null for any other parameter. */
function columnsOf(parameter: string, before: NetworkConfig, after: NetworkConfig): number[] | null {
  const name = /^head\/(\w+)\/(kernel|bias)$/.exec(parameter)?.[1] as DescriptorName | undefined;
  const classes = name === undefined ? undefined : after.classes[name];
  return classes === undefined ? null : classes.map((value) => before.classes[name!]!.indexOf(value));
}
