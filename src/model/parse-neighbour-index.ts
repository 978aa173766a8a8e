import { z } from 'zod';
import { floats } from '../common/float32.ts';
import { DESCRIPTOR_NAMES } from '../messages/descriptor-names.ts';
import type { NeighbourIndex, Subspace } from './neighbour-index.ts';

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
  /** sha256 of the file whose representation this is, weights.bin, by its name. */
  madeFor: z.record(z.string(), z.string()),
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
 * @param json neighbours.json
 * @param bytes neighbours.bin
 * @throws Error where one is malformed, or does not fit the other
 */
export function parseNeighbourIndex(json: string, bytes: Buffer): NeighbourIndex {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { madeFor: _, representation, spectrum, elements, ...rest } = parsed.data;
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
  if (at !== values.length) throw new Error(`Expected ${at} numbers in neighbours.bin, got ${values.length}`);
  return {
    ...rest,
    representation: toSubspace(representation),
    spectrum: { ...spectrum, ...toSubspace(spectrum) },
    elements: new Map(indexed),
  };
}

export const toSubspace = ({ center, axes }: z.infer<typeof subspace>): Subspace => ({
  center: Float32Array.from(center),
  axes: Float32Array.from(axes.flat()),
});
