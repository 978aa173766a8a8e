import { z } from 'zod';
import { MEAN_NAMES, type MeanName } from '../messages/prediction.ts';
import { parseWeights } from './manifest.ts';
import type { NetworkConfig } from './network-config.ts';
import type { SiteMeansConfig } from './site-means.ts';

const numbers = z.array(z.number());

const schema = z.object({
  /** sha256 of the weights of the model that it stands beside: grid and elements are that model's. */
  madeFor: z.record(z.string(), z.string()),
  command: z.string(),
  /** That it was trained without; `none` for what is served. */
  fold: z.string(),
  /** By option of train.py, with what, and for how many seconds. */
  training: z.object({
    options: z.record(z.string(), z.union([z.string(), z.number()])),
    torch: z.string(),
    device: z.string(),
    seconds: z.number(),
  }),
  channels: z.tuple([z.int(), z.int()]),
  features: z.int(),
  dropout: z.number(),
  /** Share in the probabilities of a class, by element, or `other`; the rest is SPT's. */
  blend: z.record(z.string(), z.number()).refine((blend) => 'other' in blend, 'Expected other'),
  classes: z.record(z.enum(MEAN_NAMES), numbers) as z.ZodType<Record<MeanName, number[]>>,
  /** Where each parameter lies in the file of weights: float32, little-endian, in this order, without gaps. */
  parameters: z.array(z.object({ name: z.string(), shape: numbers })),
});

/** Content of site-means.json and copper-means.json. */
export type SiteMeansFile = z.infer<typeof schema>;

/** A network that reads means over sites, of an opened bundle. */
export type SiteMeansParts = {
  readonly config: SiteMeansConfig;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The bytes of its graph for onnxruntime. */
  readonly onnx: Uint8Array;
};

/**
 * @param json site-means.json or copper-means.json
 * @param bytes its weights
 * @param network of the model that it stands beside
 * @throws Error where one is malformed, or does not fit the other
 */
export function parseSiteMeans(
  json: string,
  bytes: Buffer,
  onnx: Uint8Array,
  network: NetworkConfig,
): SiteMeansParts {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return {
    config: siteMeansConfig(parsed.data, network),
    weights: parseWeights(bytes, parsed.data),
    onnx,
  };
}

export function siteMeansConfig(
  file: Pick<SiteMeansFile, 'channels' | 'features' | 'dropout' | 'classes' | 'blend'>,
  { offsetsEv, elements, coverage, gainBins, requiredBins }: NetworkConfig,
): SiteMeansConfig {
  const { channels, features, dropout, classes, blend } = file;
  const grid = { offsetsEv, elements, coverage, gainBins, requiredBins };
  return { ...grid, channels, features, dropout, classes, blend };
}
