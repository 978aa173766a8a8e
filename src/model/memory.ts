import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../errors.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { DescriptorOutput, Prediction } from '../messages/prediction.ts';
import { sha256 } from './manifest.ts';

/**
 * Training spectra as the network represents them, with their labels: what it says of a spectrum is put together with what
 * its nearest relatives are. A network that is held back from learning its training spectra by heart forgets of near
 * relatives what a memory keeps.
 */
export type Memory = {
  /** sha256 of the file that holds the spectra, hex. */
  readonly hash: string;
  /** A representation minus `center`, times `axes`: the plane on which distances are taken. */
  readonly center: Float32Array; // [features]
  readonly axes: Float32Array; // [axes * features], one axis after the other
  /** So many nearest relatives are asked. */
  readonly neighbours: number;
  /** Distance, beyond that of the nearest, over which a relative's vote falls to 1/e. */
  readonly reach: number;
  /** Share of the memory in an answer where a relative lies at no distance ... */
  readonly share: number;
  /** ... and distance of the nearest relative at which the share has fallen to 1/e. */
  readonly range: number;
  readonly elements: ReadonlyMap<string, Remembered>;
};

type Remembered = {
  readonly points: Float32Array; // [spectra * axes]
  /** NaN where it is not known. */
  readonly labels: Readonly<Partial<Record<DescriptorName, Float32Array>>>; // [spectra]
};

export const MEMORY_FILES = { memory: 'memory.json', spectra: 'memory.bin' } as const;

const numbers = z.array(z.number());

const schema = z.object({
  /** sha256 of the weights whose representation this is. */
  modelHash: z.string().length(64),
  /** sha256 of memory.bin. */
  hash: z.string().length(64),
  center: numbers,
  axes: z.array(numbers),
  neighbours: z.int(),
  reach: z.number(),
  share: z.number(),
  range: z.number(),
  /** In memory.bin, float32: for each element the points, then the labels of each descriptor in this order. */
  elements: z.array(
    z.object({ element: z.string(), spectra: z.int(), descriptors: z.array(z.enum(DESCRIPTOR_NAMES)) }),
  ),
});

export type MemoryFile = z.infer<typeof schema>;

/**
 * The memory beside the weights; null where there is none.
 * @throws FatalError where it is malformed, or made for other weights
 */
export function readMemory(directory: string, modelHash: string): Memory | null {
  const file = join(directory, MEMORY_FILES.memory);
  if (!existsSync(file)) return null;
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new FatalError(`Expected a valid memory at ${file}: ${z.prettifyError(parsed.error)}`);
  const { modelHash: made, hash, center, axes, elements, ...rest } = parsed.data;
  if (made !== modelHash)
    throw new FatalError(
      `Expected ${file} to be made for weights ${modelHash}, got ${made}: run npm run remember`,
    );
  const bytes = readFileSync(join(directory, MEMORY_FILES.spectra));
  if (sha256(bytes) !== hash)
    throw new FatalError(
      `Expected ${MEMORY_FILES.spectra} with sha256 ${hash}, got ${sha256(bytes)}: run npm run remember`,
    );
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  const take = (length: number) => {
    at += length;
    return values.subarray(at - length, at);
  };
  const remembered = elements.map(({ element, spectra, descriptors }) => {
    const points = take(spectra * axes.length);
    const labels = Object.fromEntries(descriptors.map((name) => [name, take(spectra)]));
    return [element, { points, labels }] as const;
  });
  return {
    ...rest,
    hash,
    center: Float32Array.from(center),
    axes: Float32Array.from(axes.flat()),
    elements: new Map(remembered),
  };
}

/** What the network says, put together with what its relatives in memory are; as it is for an element without any. */
export function recall(memory: Memory, prediction: Prediction, element: string): Prediction {
  const remembered = memory.elements.get(element);
  if (remembered === undefined) return prediction;
  const relatives = nearest(memory, remembered, place(memory, prediction.embedding));
  const outputs = Object.fromEntries(
    Object.entries(prediction.outputs).map(([name, output]) => {
      const labels = remembered.labels[name as DescriptorName];
      return [name, labels === undefined ? output : together(output, labels, relatives)];
    }),
  );
  return { ...prediction, outputs };
}

/** Where a representation lies on the memory's axes. */
export function place(
  { center, axes }: Pick<Memory, 'center' | 'axes'>,
  embedding: ArrayLike<number>,
): Float32Array {
  const features = center.length;
  const point = new Float32Array(axes.length / features);
  for (let axis = 0; axis < point.length; axis++) {
    let sum = 0;
    for (let f = 0; f < features; f++) sum += axes[axis * features + f]! * (embedding[f]! - center[f]!);
    point[axis] = sum;
  }
  return point;
}

type Relatives = {
  readonly rows: readonly { readonly row: number; readonly vote: number }[];
  readonly share: number;
};

function nearest(memory: Memory, { points }: Remembered, point: Float32Array): Relatives {
  const axes = point.length;
  const spectra = points.length / axes;
  const wanted = Math.min(memory.neighbours, spectra);
  const rows = new Int32Array(wanted);
  const squares = new Float64Array(wanted).fill(Number.POSITIVE_INFINITY); // ascending
  for (let row = 0; row < spectra; row++) {
    const limit = squares[wanted - 1]!;
    let square = 0;
    // Most spectra are far, which the first axes show: they are left as soon as that is so.
    for (let axis = 0; axis < axes && square < limit; axis++) {
      const difference = points[row * axes + axis]! - point[axis]!;
      square += difference * difference;
    }
    if (square >= limit) continue;
    let at = wanted - 1;
    for (; at > 0 && squares[at - 1]! > square; at--) {
      squares[at] = squares[at - 1]!;
      rows[at] = rows[at - 1]!;
    }
    squares[at] = square;
    rows[at] = row;
  }
  const first = Math.sqrt(squares[0]!);
  return {
    rows: Array.from(rows, (row, i) => ({
      row,
      vote: Math.exp((first - Math.sqrt(squares[i]!)) / memory.reach),
    })),
    share: memory.share * Math.exp(-((first / memory.range) ** 2)),
  };
}

function together(
  output: DescriptorOutput,
  labels: Float32Array,
  { rows, share }: Relatives,
): DescriptorOutput {
  const votes = rows
    .map(({ row, vote }) => ({ label: labels[row]!, vote }))
    .filter(
      ({ label }) => !Number.isNaN(label) && (output.kind === 'real' || output.classes.includes(label)),
    );
  const all = votes.reduce((sum, { vote }) => sum + vote, 0);
  if (all === 0) return output;
  if (output.kind === 'class') {
    const probabilities = output.probabilities.map((p) => (1 - share) * p);
    for (const { label, vote } of votes)
      probabilities[output.classes.indexOf(label)]! += (share * vote) / all;
    return { ...output, probabilities };
  }
  // The mixture of the network's normal distribution and the relatives' values, by its mean and spread.
  const moment = (power: 1 | 2) =>
    votes.reduce((sum, { label, vote }) => sum + (vote / all) * label ** power, 0);
  const mean = (1 - share) * output.mean + share * moment(1);
  const square = (1 - share) * (output.sigma ** 2 + output.mean ** 2) + share * moment(2);
  return { kind: 'real', mean, sigma: Math.sqrt(Math.max(square - mean ** 2, (0.1 * output.sigma) ** 2)) };
}
