import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../errors.ts';
import { floats } from '../float32.ts';
import { DESCRIPTOR_NAMES } from '../messages/descriptor-names.ts';
import { sha256 } from './manifest.ts';
import type { NeighbourIndex, Subspace } from './neighbour-index.ts';

export const NEIGHBOUR_FILES = { neighbourIndex: 'neighbours.json', spectra: 'neighbours.bin' } as const;

const numbers = z.array(z.number());
const subspace = z
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
  representation: subspace,
  spectrum: subspace.and(z.object({ bins, gainBins: bins })),
  neighbours: z.int(),
  share: z.number(),
  together: nearness,
  alone: nearness,
  /** In neighbours.bin, float32: for each element the points, then the labels of each descriptor in this order. */
  elements: z.array(
    z.object({ element: z.string(), spectra: z.int(), descriptors: z.array(z.enum(DESCRIPTOR_NAMES)) }),
  ),
});

export type NeighbourIndexFile = z.infer<typeof schema>;

/**
 * The neighbour index beside the weights; null where there is none.
 * @throws FatalError where it is malformed, or made for other weights
 */
export function readNeighbourIndex(directory: string, modelHash: string): NeighbourIndex | null {
  const file = join(directory, NEIGHBOUR_FILES.neighbourIndex);
  if (!existsSync(file)) return null;
  try {
    return parseNeighbourIndex(
      readFileSync(file, 'utf8'),
      readFileSync(join(directory, NEIGHBOUR_FILES.spectra)),
      modelHash,
    );
  } catch (error) {
    throw new FatalError(
      `Expected the neighbour index of the model at ${file}, made by npm run workbench -- build-neighbour-index: ${(error as Error).message}`,
    );
  }
}

function parseNeighbourIndex(json: string, bytes: Buffer, modelHash: string): NeighbourIndex {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { modelHash: made, hash, representation, spectrum, elements, ...rest } = parsed.data;
  if (made !== modelHash) throw new Error(`it was made for weights ${made}, not for ${modelHash}`);
  if (sha256(bytes) !== hash)
    throw new Error(`sha256 of ${NEIGHBOUR_FILES.spectra} is ${sha256(bytes)}, not ${hash}`);
  const values = floats(bytes);
  let at = 0;
  const take = (length: number) => {
    at += length;
    return values.subarray(at - length, at);
  };
  const indexed = elements.map(({ element, spectra, descriptors }) => {
    const points = take(spectra * (representation.axes.length + spectrum.axes.length));
    const labels = Object.fromEntries(descriptors.map((name) => [name, take(spectra)]));
    return [element, { points, labels }] as const;
  });
  if (at !== values.length)
    throw new Error(`${NEIGHBOUR_FILES.spectra} holds ${values.length} numbers, not ${at}`);
  return {
    ...rest,
    hash: sha256(Buffer.from(json)),
    representation: toSubspace(representation),
    spectrum: { ...spectrum, ...toSubspace(spectrum) },
    elements: new Map(indexed),
  };
}

export const toSubspace = ({ center, axes }: z.infer<typeof subspace>): Subspace => ({
  center: Float32Array.from(center),
  axes: Float32Array.from(axes.flat()),
});
