import { z } from 'zod';
import { floats } from '../common/float32.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import { MEAN_NAMES } from '../messages/prediction.ts';
import type { ModelInput } from '../messages/prepared.ts';
import { RANGES_BEFORE_EDGE } from './before-edge.ts';
import { termCount } from './logistic-model.ts';
import type { TrainingEmbeddings } from './training-embeddings.ts';
import { EVIDENCE } from './trust.ts';

const numbers = z.array(z.number());

const descriptorName = z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]);

/** logistic-model.ts */
const logisticModel = (least: number, most: number) =>
  z
    .object({
      mean: numbers.min(least).max(most),
      deviation: z.array(z.number().positive()),
      weights: numbers,
      bias: z.number(),
    })
    .refine(
      ({ mean: { length }, deviation, weights }) =>
        deviation.length === length && weights.length === termCount(length),
      'Expected as many deviations as means, and a weight for each and for all products of two',
    );

/** The probability that a value holds for a sample, from all that speaks for it (trust.ts). */
const trust = logisticModel(1, EVIDENCE).optional();

/**
 * What intervals are drawn by in ranges of trust, of samples under all conditions. Where it is there it holds instead
 * of `setFloor` and `spread`, which noise alone decides.
 */
const byTrust = z
  .object({
    /** Upper ends of ranges of trust; the last range has none. */
    edges: numbers, // [ranges - 1]
    width: numbers, // [ranges]
    /** The same for other levels, by level. */
    widthAt: z.record(z.string(), numbers),
  })
  .refine(
    ({ edges, width, widthAt }) =>
      [width, ...Object.values(widthAt)].every((each) => each.length === edges.length + 1),
    'Expected one more width than edges',
  )
  .optional();

const calibration = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('class'),
    /** Probabilities are raised to 1/temperature and normalised. */
    temperature: numbers, // [noise bins]
    /** A set of all classes that are so probable holds the true one with probability `level`. */
    setFloor: numbers, // [noise bins]
    /** The same for other levels, by level; the gate publishes at `level`, the evaluation can look at others. */
    setFloorAt: z.record(z.string(), numbers).optional(),
    /**
     * A class that is trusted too little is worth repeats from this share of its threshold on; null: none is. Absent:
     * it was not asked.
     */
    averagingFrom: z.array(z.number().nullable()).optional(), // [noise bins]
    trust,
    byTrust,
  }),
  z.object({
    kind: z.literal('real'),
    /** Half width of the interval in units of the model's own sigma. */
    spread: numbers, // [noise bins]
    /** The same for other levels, by level. */
    spreadAt: z.record(z.string(), numbers).optional(),
    /** A value counts as right within this. */
    tolerance: z.number(),
    /** Range of the training labels. */
    low: z.number(),
    high: z.number(),
    trust,
    byTrust,
  }),
]);

/** Of the mean over a sample's sites. */
const meanCalibration = z.object({
  /** Upper ends of ranges of the network's own sigma; the last range has none. */
  sigmaEdges: numbers, // [ranges - 1]
  /** Half width of the interval in units of that sigma. */
  spread: numbers, // [ranges]
  /** The same for other levels, by level. */
  spreadAt: z.record(z.string(), numbers),
  /** An interval whose half is wider is of no use. */
  usefulHalf: z.number(),
});

/** What measured scans of known samples taught (workbench/commands/fit-measured-means.ts). */
const measuredMeans = z.object({
  /** Standard deviation by which theory is off on measured scans of an element, in oxidation states. */
  domain: z.record(z.string(), z.number()),
  /**
   * How far the edge moves for a unit, and the half of an interval at `level` of a change: floor + share x change.
   */
  change: z.object({ evPerUnit: z.number(), floor: z.number(), share: z.number() }),
  /**
   * The half of an interval at `level` between standards, by the factor of the element, or `other`
   * (anchored-mean.ts, halfBetween).
   */
  anchored: z.object({
    floor: z.number(),
    ofSpan: z.number(),
    ofBeyond: z.number().default(0), // unknown before 2026-11-28
    factor: z.object({ other: z.number() }).catchall(z.number()),
  }),
});
export type MeasuredMeans = z.infer<typeof measuredMeans>;

const passed = z.object({ spectra: z.int(), passed: z.int() });

const outlierRanges = z.array(z.object({ middle: z.number(), limit: z.number() }));

/** What is known of an element's spectra that the model had not seen. */
const judgedElement = z.object({
  /** Its group in `calibrations`. */
  calibration: z.string(),
  /** Distance to the rows of training-embeddings.bin beyond which a spectrum is out of distribution. */
  outOfDistributionLimit: numbers, // [noise bins]
  /**
   * Log odds of not being an oxide, of held-out spectra, by the classifier below: their median, and what few of them
   * exceed. Empty: the element has too few spectra for it.
   */
  outlierRanges, // [noise bins] or []
  /** The same by the network that reads means over sites; absent where it does not read the element. */
  meansOutlierRanges: outlierRanges.optional(), // [noise bins]
  /** The same by `metalDetector`; absent of what is calibrated by itself, of oxygen, and before 2026-11-29. */
  metalRanges: outlierRanges.optional(), // [noise bins]
  descriptors: z.partialRecord(
    descriptorName,
    z.object({
      /**
       * Least trust, or confidence where no trust is calibrated, at which a value is accepted; null where none reaches
       * the accuracy target.
       */
      thresholds: z.array(z.number().nullable()), // [noise bins]
      /**
       * Asked besides where neighbouring points err alike; null where no trust was shown to be enough then. Absent:
       * nothing is.
       */
      correlatedThreshold: z.number().nullable().optional(),
      /**
       * Held-out sites of this element with a true label, accepted at their own noise-free confidence, and right; where
       * trust is calibrated, samples of one site under all conditions.
       */
      evidence: z.object({ sites: z.int(), accepted: z.int(), right: z.int() }),
      /** Whether that evidence shows that the element meets the accuracy target. */
      meetsTarget: z.boolean(),
    }),
  ),
});

/** One figure a noise bin throughout: bin i holds scans with an estimated sigma in [edges[i - 1], edges[i]). */
const schema = z
  .object({
    /** sha256 of the files whose answers it judges, weights and neighbour index, by their names. */
    madeFor: z.record(z.string(), z.string()),
    /**
     * The command, and the sha256 of the non-oxides that it was told to refuse; training data are named in the model's
     * manifest.
     */
    madeBy: z.object({ command: z.string(), nonOxides: z.string() }).optional(),
    /** Accepted values are right at least this often, as shown with this confidence on held-out spectra. */
    accuracyTarget: z.object({ accuracy: z.number(), confidence: z.number() }),
    /** Coverage of the intervals. */
    level: z.number(),
    noiseEdges: numbers.min(1),
    /**
     * What confidences and intervals are worth, by group of elements that were calibrated together, then by descriptor.
     */
    calibrations: z.record(z.string(), z.partialRecord(descriptorName, calibration)),
    /** The model's grid, eV about the middle of the edge. */
    offsetsEv: numbers.optional(),
    /** By the same groups: intervals of means over sites. */
    means: z.record(z.string(), z.partialRecord(z.enum(MEAN_NAMES), meanCalibration)).optional(),
    measured: measuredMeans.optional(),
    /** By element, then descriptor. No value of an element that is not named is accepted. */
    elements: z.record(
      z.string(),
      judgedElement.extend({
        /** Rows of training-embeddings.bin, in the order of the elements here. */
        trainingEmbeddingRows: z.int(),
        /** Of unseen noise-free spectra, how many are within both limits. */
        inDistribution: z.object({ oxides: passed, nonOxides: passed }).optional(),
        /**
         * Holds instead for scans of which no bin from `beforeBin` on was measured: less of the spectrum, less of it
         * right.
         */
        short: judgedElement.extend({ beforeBin: z.int() }).optional(),
      }),
    ),
    /** The classifier of oxides against other spectra, on the standardised embedding. */
    outlierClassifier: z.object({ weights: numbers, bias: z.record(z.string(), z.number()) }),
    /** Log odds that a sample is metal in part, from what is absorbed before the edge (before-edge.ts). */
    metalDetector: logisticModel(RANGES_BEFORE_EDGE, RANGES_BEFORE_EDGE).optional(),
    /** Mean and spread of all training embeddings, by which those of training-embeddings.bin are standardised. */
    embedding: z.object({ mean: numbers, scale: numbers }),
  })
  .superRefine(({ calibrations, elements, metalDetector, offsetsEv }, context) => {
    if (metalDetector !== undefined && offsetsEv === undefined)
      context.addIssue({
        ...{ code: 'custom', path: ['metalDetector'] },
        message: 'Expected offsetsEv beside it, the energies of what it looks at',
      });
    const requireCalibration = (judged: JudgedElement, path: string[]) => {
      if (judged.calibration in calibrations) return;
      const message = `Expected one of ${Object.keys(calibrations).join(', ')}, got ${judged.calibration}`;
      context.addIssue({ code: 'custom', path: [...path, 'calibration'], message });
    };
    for (const [group, known] of Object.entries(calibrations))
      for (const [name, each] of Object.entries(known))
        if (each.byTrust !== undefined && each.trust === undefined)
          context.addIssue({
            ...{ code: 'custom', path: ['calibrations', group, name, 'byTrust'] },
            message: 'Expected trust beside it, whose ranges it has widths of',
          });
    for (const [element, known] of Object.entries(elements)) {
      requireCalibration(known, ['elements', element]);
      if (known.metalRanges !== undefined && metalDetector === undefined)
        context.addIssue({
          ...{ code: 'custom', path: ['elements', element, 'metalRanges'] },
          message: 'Expected metalDetector beside it, of whose odds they are ranges',
        });
      if (known.short !== undefined) requireCalibration(known.short, ['elements', element, 'short']);
    }
  });

export type GateTable = z.infer<typeof schema>;
/** What holds of an element's scans, or of those that end early. */
export type JudgedElement = z.infer<typeof judgedElement>;
/** Of the mean of one descriptor in one group of elements. */
export type MeanCalibration = z.infer<typeof meanCalibration>;
/** Of one descriptor in one group of elements. */
export type Calibration = z.infer<typeof calibration>;
/** The table with the embeddings that it measures distances from. */
export type Gate = { readonly table: GateTable; readonly trainingEmbeddings: TrainingEmbeddings };

/** What the table says of scans of an element that reach so far. */
export function judgedAs(
  table: GateTable,
  { element, mask }: Pick<ModelInput, 'element' | 'mask'>,
): JudgedElement | undefined {
  const known = table.elements[element];
  return known?.short !== undefined && mask.lastIndexOf(1) < known.short.beforeBin ? known.short : known;
}

/** Which figures of the table hold at a noise: the first bin that it lies in, the last one for all that is noisier. */
export function noiseBinOf(
  { noiseEdges }: Pick<GateTable, 'noiseEdges'>,
  sigma: number,
): { readonly bin: number; readonly tooNoisy: boolean } {
  const bin = noiseEdges.findIndex((end) => sigma < end);
  return bin < 0 ? { bin: noiseEdges.length - 1, tooNoisy: true } : { bin, tooNoisy: false };
}

/** What is wrong with a table, in a sentence or more; null where nothing is. */
export function gateProblem(json: unknown): string | null {
  const parsed = schema.safeParse(json);
  return parsed.success ? null : z.prettifyError(parsed.error);
}

/**
 * @param json gate.json
 * @param bytes training-embeddings.bin
 * @throws Error where one is malformed, or does not fit the other
 */
export function parseGate(json: string, bytes: Buffer): Gate {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { embedding, elements } = parsed.data;
  const features = embedding.mean.length;
  const counts = Object.entries(elements).map(
    ([element, { trainingEmbeddingRows }]) => [element, trainingEmbeddingRows] as const,
  );
  const expected = 4 * features * counts.reduce((sum, [, rows]) => sum + rows, 0);
  if (bytes.length !== expected)
    throw new Error(`Expected ${expected} bytes in training-embeddings.bin, got ${bytes.length}`);
  const values = floats(bytes);
  const rows = new Map<string, Float32Array>();
  let at = 0;
  for (const [element, count] of counts) {
    rows.set(element, values.subarray(at, at + count * features));
    at += count * features;
  }
  return { table: parsed.data, trainingEmbeddings: { ...embedding, rows } };
}
