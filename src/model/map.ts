import { z } from 'zod';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';

/** A map on which training spectra of like kind lie together, and new ones can be shown among them. */
export type SpectrumMap = {
  /** Training spectra, in the order of the arrays below. */
  readonly element: readonly string[]; // [spectra]
  readonly x: readonly number[]; // [spectra]
  readonly y: readonly number[]; // [spectra]
  /** What they are coloured by; null where it is not known. */
  readonly labels: Readonly<Partial<Record<DescriptorName, readonly (number | null)[]>>>; // [spectra]
  /**
   * Where a scan lies: the geometric median of the ten nearest training spectra of its element, the near ones weighing
   * more. Depends on the scan alone.
   * @returns null for an element that the map does not show
   */
  locate(embedding: ArrayLike<number>, element: string): MapPoint | null;
};

export type MapPoint = { readonly x: number; readonly y: number };

/** What map.json holds; embeddings lie in map.bin, quantised, [spectra, features]. */
export type MapFile = {
  /** sha256 of the file that the embeddings come from, weights.bin, by its name. */
  readonly madeFor: Readonly<Record<string, string>>;
  readonly command: string;
  /** An embedding is standardised by these before it is quantised. */
  readonly mean: readonly number[]; // [features]
  readonly scale: readonly number[]; // [features]
  readonly element: readonly string[]; // [spectra]
  readonly x: readonly number[]; // [spectra]
  readonly y: readonly number[]; // [spectra]
  readonly labels: Readonly<Partial<Record<DescriptorName, readonly (number | null)[]>>>;
};

/**
 * @param json map.json
 * @param bytes map.bin
 * @throws Error where one is malformed, or does not fit the other
 */
export function parseMap(json: string, bytes: Buffer): SpectrumMap {
  const parsed = mapSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const map = parsed.data as MapFile;
  const expected = map.element.length * map.mean.length;
  if (bytes.length !== expected)
    throw new Error(`Expected ${expected} bytes in map.bin, got ${bytes.length}`);
  return openMap(map, new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** @param embeddings of the map's spectra, quantised, [spectra, features] */
export function openMap(map: MapFile, embeddings: Int8Array): SpectrumMap {
  const { element, x, y, labels } = map;
  const features = map.mean.length;
  const rowsOf = new Map<string, number[]>();
  element.forEach((name, row) => {
    const rows = rowsOf.get(name);
    if (rows === undefined) rowsOf.set(name, [row]);
    else rows.push(row);
  });

  function locate(embedding: ArrayLike<number>, name: string): MapPoint | null {
    const rows = rowsOf.get(name);
    if (rows === undefined) return null;
    const own = quantised(embedding, map);
    const nearest: { row: number; distance: number }[] = [];
    for (const row of rows) {
      let sum = 0;
      for (let i = 0; i < features; i++) {
        const difference = embeddings[row * features + i]! - own[i]!;
        sum += difference * difference;
      }
      if (nearest.length === NEIGHBOURS && sum >= nearest[NEIGHBOURS - 1]!.distance) continue;
      let place = nearest.length;
      while (place > 0 && nearest[place - 1]!.distance > sum) place--;
      nearest.splice(place, 0, { row, distance: sum });
      if (nearest.length > NEIGHBOURS) nearest.pop();
    }
    return geometricMedian(
      nearest.map(({ row, distance }) => {
        // Not below one step of each feature: what quantisation cannot tell apart weighs alike.
        return { x: x[row]!, y: y[row]!, weight: 1 / Math.sqrt(Math.max(distance, features)) };
      }),
    );
  }
  return { element, x, y, labels, locate };
}

const NEIGHBOURS = 10;
const STEPS_PER_SIGMA = 32;

/** Standardised, in steps of 1/32 of the training set's spread, cut at four times that. */
export function quantised(
  embedding: ArrayLike<number>,
  { mean, scale }: Pick<MapFile, 'mean' | 'scale'>,
): Int8Array {
  return Int8Array.from(mean, (m, i) => {
    const steps = (STEPS_PER_SIGMA * (embedding[i]! - m)) / Math.max(scale[i]!, 1e-6);
    return Math.round(Math.min(127, Math.max(-127, steps)));
  });
}

/**
 * The point with the least weighted sum of distances to all others (Weiszfeld, 1937, 30 steps from the best of the
 * points themselves). Unlike the mean it does not fall into the void between two islands: it stays with the majority.
 */
export function geometricMedian(points: readonly (MapPoint & { readonly weight: number })[]): MapPoint {
  const cost = (to: MapPoint) =>
    points.reduce((sum, { x, y, weight }) => sum + weight * Math.hypot(x - to.x, y - to.y), 0);
  let best: MapPoint = points.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  for (let step = 0; step < 30; step++) {
    let [x, y, total] = [0, 0, 0];
    for (const point of points) {
      const pull = point.weight / Math.max(Math.hypot(point.x - best.x, point.y - best.y), 1e-3);
      x += pull * point.x;
      y += pull * point.y;
      total += pull;
    }
    best = { x: x / total, y: y / total };
  }
  return best;
}

const numbers = z.array(z.number());

const mapSchema = z
  .object({
    madeFor: z.record(z.string(), z.string()),
    command: z.string(),
    mean: numbers.min(1),
    scale: numbers.min(1),
    element: z.array(z.string()),
    x: numbers,
    y: numbers,
    labels: z.partialRecord(
      z.enum(DESCRIPTOR_NAMES as [DescriptorName, ...DescriptorName[]]),
      z.array(z.number().nullable()),
    ),
  })
  .refine(
    ({ element, x, y, labels }) =>
      [x, y, ...Object.values(labels)].every((column) => column.length === element.length),
    'element, x, y and labels must have one entry each per spectrum',
  );
