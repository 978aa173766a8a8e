import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../errors.ts';
import { floats } from '../float32.ts';
import { DESCRIPTOR_NAMES } from '../messages/descriptor-names.ts';
import { sha256 } from './manifest.ts';
import type { Memory, Plane } from './neighbour-index.ts';

export const MEMORY_FILES = { memory: 'neighbours.json', spectra: 'neighbours.bin' } as const;

const numbers = z.array(z.number());
const plane = z
  .object({ center: numbers, axes: z.array(numbers).min(1) })
  .refine(
    ({ center, axes }) => axes.every((axis) => axis.length === center.length),
    'Expected axes as long as the center',
  );
const bins = z.tuple([z.int(), z.int()]);
const nearness = z.object({ reach: z.number(), range: z.number() });

const schema = z.object({
  /** sha256 of the weights whose representation this is. */
  modelHash: z.string().length(64),
  /** sha256 of neighbours.bin. */
  hash: z.string().length(64),
  /** Along whose axes the places of a point are, in this order. */
  places: z.tuple([z.literal('spectrum'), z.literal('representation')]),
  representation: plane,
  spectrum: plane.and(z.object({ bins, gainBins: bins })),
  neighbours: z.int(),
  share: z.number(),
  together: nearness,
  alone: nearness,
  /** In neighbours.bin, float32: for each element the points, then the labels of each descriptor in this order. */
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
  try {
    return parseMemory(
      readFileSync(file, 'utf8'),
      readFileSync(join(directory, MEMORY_FILES.spectra)),
      modelHash,
    );
  } catch (error) {
    throw new FatalError(
      `Expected the memory of the model at ${file}, made by npm run remember: ${(error as Error).message}`,
    );
  }
}

function parseMemory(json: string, bytes: Buffer, modelHash: string): Memory {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { modelHash: made, hash, representation, spectrum, elements, ...rest } = parsed.data;
  if (made !== modelHash) throw new Error(`it was made for weights ${made}, not for ${modelHash}`);
  if (sha256(bytes) !== hash)
    throw new Error(`sha256 of ${MEMORY_FILES.spectra} is ${sha256(bytes)}, not ${hash}`);
  const values = floats(bytes);
  let at = 0;
  const take = (length: number) => {
    at += length;
    return values.subarray(at - length, at);
  };
  const remembered = elements.map(({ element, spectra, descriptors }) => {
    const points = take(spectra * (representation.axes.length + spectrum.axes.length));
    const labels = Object.fromEntries(descriptors.map((name) => [name, take(spectra)]));
    return [element, { points, labels }] as const;
  });
  if (at !== values.length)
    throw new Error(`${MEMORY_FILES.spectra} holds ${values.length} numbers, not ${at}`);
  return {
    ...rest,
    hash: sha256(Buffer.from(json)),
    representation: toPlane(representation),
    spectrum: { ...spectrum, ...toPlane(spectrum) },
    elements: new Map(remembered),
  };
}

export const toPlane = ({ center, axes }: z.infer<typeof plane>): Plane => ({
  center: Float32Array.from(center),
  axes: Float32Array.from(axes.flat()),
});
