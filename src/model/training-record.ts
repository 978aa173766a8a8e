import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits');
const texts = z.array(z.string()).readonly();

/** How weights came to be, as `train`, `fine-tune` and the comparisons write it. No answer depends on it. */
export const trainingSchema = z.strictObject({
  /** How a person would call it again; folders of that machine are left out. */
  command: z.string().optional(),
  /** Files of spectra, folder and name. */
  files: z
    .array(z.strictObject({ file: z.string(), sha256: digest, spectra: z.int().positive() }))
    .readonly()
    .optional(),
  splitRule: z.string().optional(),
  /** Sets whose test parts were trained on too. */
  allOf: texts.optional(),
  /** Whether there are models beside it that have not seen one fold each. */
  crossFit: z.boolean().optional(),
  /** Families that were kept back. */
  families: z.strictObject({ val: texts, test: texts }).optional(),
  /** The model that training went on from: its id, and the sha256 of its weights.bin. */
  from: z.strictObject({ id: z.string(), hash: digest }).optional(),
  /** Materials and families that were left out on purpose. */
  without: texts.optional(),
  /** The fold of a cross-validation that was not trained on. */
  fold: z.int().nonnegative().optional(),
  /** sha256 of spectra that came from no file as it is. */
  spectraHash: digest.optional(),

  /** Absent: TensorFlow. */
  trainer: z.enum(['pytorch']).optional(),
  seed: z.int(),
  epochs: z.int().positive(),
  batchSize: z.int().positive(),
  learningRate: z.number(),
  weightDecay: z.number(),
  augmentation: z.strictObject({
    noise: z.number(),
    broadeningEv: z.strictObject({ feff9: z.number(), feff10: z.number() }),
    shiftEv: z.number(),
    gain: z.number(),
    tilt: z.number(),
    offset: z.number(),
    truncation: z.number(),
  }),
  repeat: z.int().positive(),
  /** Folders of the models whose mean answer was learned beside the labels, and its share of the loss. */
  distillFrom: texts,
  distillationShare: z.number(),

  /** The one whose weights were kept. */
  bestEpoch: z.int().nonnegative(),
  /** sha256 of all that decides a run: the same run is not done twice. */
  fingerprint: digest,
  /** Floating-point operations of one spectrum. */
  flops: z.number(),
  /** So many were trained on. */
  spectra: z.int().positive(),
  /** Epoch, loss, and score on the validation part, if there is one. */
  curve: z.array(z.tuple([z.int(), z.number(), z.number().nullable()])).readonly(),

  /** Why this architecture. */
  why: z.string().optional(),
});

/** Figures of the epoch that was kept, on the spectra that chose it. */
export const metricsSchema = z.strictObject({
  validation: z
    .object({ spectra: z.int().nonnegative(), overall: z.number().nullable() })
    .catchall(z.number().nullable()), // weighted F1 or R2, by descriptor
});

export type TrainingRecord = z.infer<typeof trainingSchema>;
export type TrainingMetrics = z.infer<typeof metricsSchema>;
