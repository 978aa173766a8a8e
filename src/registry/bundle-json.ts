import { z } from 'zod';

const file = z.strictObject({
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits'),
});

/**
 * Files that were made from others of the bundle, in the order of making: from which, by which command, where the
 * numbers lie that they describe, and of a network the graph for onnxruntime.
 */
export const MADE_FILES = {
  'neighbours.json': {
    bytes: 'neighbours.bin',
    from: ['weights.bin'],
    command: 'build-neighbour-index',
  },
  'site-means.json': {
    bytes: 'site-means.bin',
    graph: 'site-means.onnx',
    from: ['weights.bin'],
    command: 'train-site-means',
  },
  'copper-means.json': {
    bytes: 'copper-means.bin',
    graph: 'copper-means.onnx',
    from: ['weights.bin', 'site-means.json'],
    command: 'train-site-means --copper',
  },
  'gate.json': {
    bytes: 'training-embeddings.bin',
    from: [
      ...['weights.bin', 'neighbours.json', 'neighbours.bin'],
      ...['site-means.json', 'site-means.bin', 'copper-means.json', 'copper-means.bin'],
    ],
    command: 'calibrate',
  },
  'map.json': { bytes: 'map.bin', from: ['weights.bin'], command: 'map' },
} as const;
export type MadeFile = keyof typeof MADE_FILES;

/** A made file, where its numbers lie, and the graph for onnxruntime where it is a network. */
export function filesOf(made: MadeFile) {
  const of = MADE_FILES[made];
  return 'graph' in of ? [made, of.bytes, of.graph] : [made, of.bytes];
}

/** Every file that can change an answer, or what is shown beside it. */
const filesSchema = z
  .strictObject({
    'manifest.json': file,
    'weights.bin': file,
    'model.onnx': file,
    'gate.json': file.optional(),
    'training-embeddings.bin': file.optional(),
    'neighbours.json': file.optional(),
    'neighbours.bin': file.optional(),
    'site-means.json': file.optional(),
    'site-means.bin': file.optional(),
    'site-means.onnx': file.optional(),
    'copper-means.json': file.optional(),
    'copper-means.bin': file.optional(),
    'copper-means.onnx': file.optional(),
    'map.json': file.optional(),
    'map.bin': file.optional(),
  })
  .superRefine((files, context) => {
    for (const made of Object.keys(MADE_FILES) as MadeFile[]) {
      for (const other of filesOf(made)) {
        if ((files[made] === undefined) === (files[other] === undefined)) continue;
        context.addIssue({ code: 'custom', message: `Expected ${made} and ${other} together, or neither` });
      }
    }
  });

const bundleSchema = z.strictObject({
  format: z.literal(1),
  /** The manifest's. */
  id: z.string().min(1),
  files: filesSchema,
});

/** Content of bundle.json. */
export type BundleJson = z.infer<typeof bundleSchema>;
/** Size and sha256 of each file, by its name. */
export type BundleFiles = BundleJson['files'];
export type ListedFile = z.infer<typeof file>;
export type BundleFile = keyof BundleFiles;

export const BUNDLE_FILES = Object.keys(filesSchema.shape) as BundleFile[];

/** @throws Error that names the field which is wrong */
export function parseBundleJson(json: string): BundleJson {
  const parsed = bundleSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

/** What a made file says of itself: the sha256 of those that it was made from, by their names. */
export function madeFor(made: MadeFile, files: Partial<BundleFiles>): Record<string, string> {
  const from: readonly BundleFile[] = MADE_FILES[made].from;
  return Object.fromEntries(
    from.flatMap((name) => (files[name] === undefined ? [] : [[name, files[name].sha256]])),
  );
}

/**
 * The first of those files that is another now, or there no more; null where all are as they were.
 * @throws Error where the file does not say what it was made for
 */
export function outdatedBy(made: MadeFile, json: string, files: Partial<BundleFiles>): BundleFile | null {
  const parsed = madeForSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const then = parsed.data.madeFor;
  const now = madeFor(made, files);
  return MADE_FILES[made].from.find((name) => then[name] !== now[name]) ?? null;
}

const madeForSchema = z.object({ madeFor: z.record(z.string(), z.string()) });
