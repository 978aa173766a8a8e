import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../errors.ts';
import { floats } from '../float32.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid } from '../messages/prepared.ts';
import { ARCHITECTURES, type NetworkConfig } from './network-config.ts';

export type Manifest = {
  /** Such as `spt-1`. */
  readonly id: string;
  /** sha256 of weights.bin, hex. */
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
  /** How the weights came to be: data with their sha256, split rule, seed, recipe, command. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Figures on held-out spectra, by set. */
  readonly metrics: Readonly<Record<string, unknown>>;
};

export const WEIGHTS_FILES = {
  manifest: 'manifest.json',
  weights: 'weights.bin',
  onnx: 'model.onnx',
  golden: 'golden.json',
} as const;

/** @throws FatalError when the folder does not hold a complete, untouched model */
export function readManifest(directory: string): Manifest {
  const file = join(directory, WEIGHTS_FILES.manifest);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(`Expected a model manifest at ${file}: ${(error as Error).message}`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw new FatalError(`Expected a valid manifest at ${file}: ${z.prettifyError(parsed.error)}`);
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
 * @throws FatalError when the weights are not those that the manifest was written for
 */
export function readWeights(directory: string, manifest: Manifest): Map<string, Float32Array> {
  const bytes = readFileSync(join(directory, WEIGHTS_FILES.weights));
  const hash = sha256(bytes);
  if (hash !== manifest.hash)
    throw new FatalError(`Expected weights with sha256 ${manifest.hash}, got ${hash}`);
  const values = floats(bytes);
  const weights = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape } of manifest.parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, values.slice(offset, offset + size));
    offset += size;
  }
  if (offset !== values.length) throw new FatalError(`Expected ${offset} weights, got ${values.length}`);
  return weights;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const numbers = z.array(z.number());
const byDescriptor = <T extends z.ZodType>(value: T) =>
  z.partialRecord(z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]), value);

const manifestSchema = z.object({
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
  training: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), z.unknown()),
});
