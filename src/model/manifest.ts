import { z } from 'zod';
import { floats } from '../common/float32.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid } from '../messages/prepared.ts';
import { ARCHITECTURES, type NetworkConfig } from './network-config.ts';
import {
  metricsSchema,
  type TrainingMetrics,
  type TrainingRecord,
  trainingSchema,
} from './training-record.ts';

export type Manifest = {
  /** Such as `spt-1`. */
  readonly id: string;
  /** sha256 of weights.bin, hex: which weights these are. The model's identity is the bundle's. */
  readonly hash: string;
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
  readonly network: NetworkConfig;
  /** Where each parameter lies in weights.bin: float32, little-endian, in this order, without gaps. */
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly embedding: {
    readonly features: number;
    /** Over the training spectra as they are. */
    readonly mean: readonly number[]; // [features]
    readonly scale: readonly number[]; // [features]
  };
  readonly training: TrainingRecord;
  readonly metrics: TrainingMetrics;
};

/** @throws Error that names the field which is wrong */
export function parseManifest(json: string): Manifest {
  const parsed = manifestSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { requiredFromEv, requiredToEv, ...rest } = parsed.data;
  const offsetsEv = Float64Array.from(rest.network.offsetsEv);
  return { ...rest, grid: { offsetsEv, requiredFromEv, requiredToEv } } as Manifest;
}

/** The manifest as it is written to disk: arrays plain, the grid's offsets only once (in the network). */
export function manifestJson(manifest: Manifest): string {
  const { id, hash, grid, references, network, parameters, embedding, training, metrics } = manifest;
  const { requiredFromEv, requiredToEv } = grid;
  const identity = { id, hash, requiredFromEv, requiredToEv, references };
  const body = { network, parameters, embedding, training, metrics };
  const json = JSON.stringify({ ...identity, ...body }, null, 1); // the same order whoever writes it
  // Arrays of numbers on one line each: thousands of one-number lines are unreadable in a diff.
  return `${json.replace(/\[\s+(-?[\d.][^[\]{}"]*?)\s+\]/g, (_, body: string) => `[${body.replace(/\s+/g, ' ')}]`)}\n`;
}

/**
 * The trained arrays by name.
 * @param bytes weights.bin
 * @throws Error when they are not as many as the manifest says
 */
export function parseWeights(
  bytes: Buffer,
  { parameters }: Pick<Manifest, 'parameters'>,
): Map<string, Float32Array> {
  const values = floats(bytes);
  const weights = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape } of parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, values.slice(offset, offset + size));
    offset += size;
  }
  if (offset !== values.length)
    throw new Error(`Expected ${offset} weights, as manifest.json says, got ${values.length}`);
  return weights;
}

const numbers = z.array(z.number());
const byDescriptor = <T extends z.ZodType>(value: T) =>
  z.partialRecord(z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]), value);

const manifestSchema = z.strictObject({
  id: z.string().min(1),
  hash: z.string().length(64),
  requiredFromEv: z.number(),
  requiredToEv: z.number(),
  references: z.array(
    z.object({
      element: z.string(),
      edge: z.string(),
      referenceEv: z.number(),
      shiftsEv: z.record(z.string(), z.number()),
      foilE0Ev: z.number(),
      meansShiftEv: z.number().optional(),
      shiftSigmaEv: z.number().optional(),
    }),
  ),
  network: z.object({
    architecture: z.enum(ARCHITECTURES),
    offsetsEv: numbers.min(8),
    elements: z.array(z.string()).min(1),
    coverage: z.array(numbers),
    gainBins: z.tuple([z.int(), z.int()]),
    requiredBins: z.tuple([z.int(), z.int()]),
    channels: z.int(),
    features: z.int(),
    dropout: z.number(),
    periods: z.array(z.int()),
    windowEv: z.number(),
    classes: byDescriptor(numbers),
    reals: byDescriptor(z.object({ mean: z.number(), scale: z.number() })),
  }),
  parameters: z.array(z.object({ name: z.string(), shape: numbers })),
  embedding: z.object({
    features: z.int(),
    mean: numbers,
    scale: numbers,
  }),
  training: trainingSchema,
  metrics: metricsSchema,
});
