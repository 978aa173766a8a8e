import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../errors.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';

const numbers = z.array(z.number());

/** One figure a noise bin throughout: bin i holds scans with an estimated sigma in [edges[i - 1], edges[i]). */
const schema = z.object({
  /** sha256 of the weights that the table was made for. */
  modelHash: z.string().length(64),
  /** Accepted values are right at least this often, as shown with this confidence on held-out spectra. */
  promise: z.object({ accuracy: z.number(), confidence: z.number() }),
  /** Coverage of the intervals. */
  level: z.number(),
  noiseEdges: numbers.min(1),
  descriptors: z.partialRecord(
    z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]),
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('class'),
        /** Probabilities are raised to 1/temperature and normalised. */
        temperature: numbers, // [noise bins]
        /** A set of all classes that are so probable holds the true one with probability `level`. */
        setFloor: numbers, // [noise bins]
      }),
      z.object({
        kind: z.literal('real'),
        /** Half width of the interval in units of the model's own sigma. */
        spread: numbers, // [noise bins]
        /** A value counts as right within this; an interval wider than that is of no use. */
        tolerance: z.number(),
        /** Range of the training labels. */
        low: z.number(),
        high: z.number(),
      }),
    ]),
  ),
  /** By element, then descriptor. An element that is not named has no promise at all. */
  elements: z.record(
    z.string(),
    z.object({
      novelty: z.object({
        /** Mean shape of the training spectra, and the matrix that makes their scatter a unit one. */
        mean: numbers, // [slices]
        whitening: z.array(numbers), // [slices, slices], lower triangular
        limit: numbers, // [noise bins]
      }),
      descriptors: z.partialRecord(
        z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]),
        z.object({
          /** Least confidence at which a value is accepted; null where no confidence keeps the promise. */
          thresholds: z.array(z.number().nullable()), // [noise bins]
          /** Held-out sites of this element with a true label; accepted at their own noise-free confidence; right. */
          evidence: z.object({ sites: z.int(), accepted: z.int(), right: z.int() }),
          /** Whether that evidence suffices to extend the promise to the element. */
          promised: z.boolean(),
        }),
      ),
    }),
  ),
  /** Where slices of the shape lie, eV from the element's reference, and from where on its scale is set. */
  shape: z.object({ fromEv: z.number(), sliceEv: z.number(), slices: z.int(), scaleFromEv: z.number() }),
});

export type GateTable = z.infer<typeof schema>;
export type ShapeSpec = GateTable['shape'];
export type NoveltyTable = GateTable['elements'][string]['novelty'];

export const GATE_FILE = 'gate.json';

/**
 * The calibration table beside the weights.
 * @throws FatalError where it is missing, malformed, or made for other weights: its promises would be worth nothing
 */
export function readGateTable(directory: string, modelHash: string): GateTable {
  const file = join(directory, GATE_FILE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(`Expected a gate table at ${file}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new FatalError(`Expected a valid gate table at ${file}: ${z.prettifyError(parsed.error)}`);
  }
  const made = parsed.data.modelHash;
  if (made !== modelHash) {
    throw new FatalError(
      `Expected ${file} to be made for weights ${modelHash}, got ${made}: run npm run calibrate`,
    );
  }
  return parsed.data;
}
