import { z } from 'zod';
import { BLOCK } from '../common/row-loop.ts';
import { type RowScan, rowScan } from '../common/row-scan.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { MapPoint } from '../messages/map-point.ts';

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
  const quantise = quantiser(map);
  const own = new Int8Array(features);
  /** Made when they are first asked for. */
  const scans = new Map<string, RowScan>();

  function scanOf(name: string, rows: readonly number[]): RowScan {
    const made = scans.get(name);
    if (made !== undefined) return made;
    const width = features + (features & 1);
    const table = new Int16Array(rows.length * width);
    for (const [i, row] of rows.entries())
      table.set(embeddings.subarray(row * features, (row + 1) * features), i * width);
    const scan = rowScan(table, width);
    scans.set(name, scan);
    return scan;
  }

  function locate(embedding: ArrayLike<number>, name: string): MapPoint | null {
    const rows = rowsOf.get(name);
    if (rows === undefined) return null;
    const scan = scanOf(name, rows);
    const { query, squares } = scan;
    quantise(embedding, own);
    let square = 0;
    for (let i = 0; i < features; i++) {
      const step = own[i]!;
      query[i] = -2 * step;
      square += step * step;
    }
    scan.run();
    const nearest = new Int32Array(Math.min(NEIGHBOURS, rows.length));
    leastOf(scan, nearest);
    const points = [];
    for (const i of nearest) {
      const row = rows[i]!;
      // Not below one step of each feature: what quantisation cannot tell apart weighs alike.
      const weight = 1 / Math.sqrt(Math.max(squares[i]! + square, features));
      points.push({ x: x[row]!, y: y[row]!, weight });
    }
    return geometricMedian(points);
  }
  return { element, x, y, labels, locate };
}

const NEIGHBOURS = 10;
const STEPS_PER_SIGMA = 32;

/** Writes which rows have the least squares, least first; as many as there is room for. */
function leastOf({ squares, least }: RowScan, rows: Int32Array): void {
  const last = rows.length - 1;
  let found = 0;
  let worst = Number.POSITIVE_INFINITY;
  for (let block = 0; block < least.length; block++) {
    if (least[block]! >= worst) continue;
    const from = block * BLOCK;
    for (let row = from; row < Math.min(squares.length, from + BLOCK); row++) {
      const square = squares[row]!;
      if (square >= worst) continue;
      let at = found > last ? last : found++;
      for (; at > 0 && squares[rows[at - 1]!]! > square; at--) rows[at] = rows[at - 1]!;
      rows[at] = row;
      if (found > last) worst = squares[rows[last]!]!;
    }
  }
}

/** Standardises, in steps of 1/32 of the training set's spread, cut at four times that. */
export function quantiser({
  mean,
  scale,
}: Pick<MapFile, 'mean' | 'scale'>): (embedding: ArrayLike<number>, into: Int8Array) => Int8Array {
  const center = Float64Array.from(mean);
  const steps = Float64Array.from(scale, (spread) => STEPS_PER_SIGMA / Math.max(spread, 1e-6));
  return (embedding, into) => {
    for (let i = 0; i < steps.length; i++) {
      const step = Math.floor((embedding[i]! - center[i]!) * steps[i]! + 0.5);
      into[i] = Math.max(-127, Math.min(127, step));
    }
    return into;
  };
}

/**
 * The point with the least weighted sum of distances to all others (Weiszfeld, 1937, from the best of the points
 * themselves, until it stands still or for 30 steps). Unlike the mean it does not fall into the void between two
 * islands: it stays with the majority.
 */
export function geometricMedian(points: readonly (MapPoint & { readonly weight: number })[]): MapPoint {
  let { x, y } = points[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const to of points) {
    let cost = 0;
    for (const each of points) cost += each.weight * length(each.x - to.x, each.y - to.y);
    if (cost < least) {
      least = cost;
      x = to.x;
      y = to.y;
    }
  }
  for (let step = 0; step < 30; step++) {
    let [sumX, sumY, total] = [0, 0, 0];
    for (const each of points) {
      const pull = each.weight / Math.max(length(each.x - x, each.y - y), 1e-3);
      sumX += pull * each.x;
      sumY += pull * each.y;
      total += pull;
    }
    const [nextX, nextY] = [sumX / total, sumY / total];
    const isStill = Math.abs(nextX - x) + Math.abs(nextY - y) < STILL;
    x = nextX;
    y = nextY;
    if (isStill) break;
  }
  return { x, y };
}

/** The last digit of the map's own points. */
const STILL = 1e-3;

/** Math.hypot guards against overflow, and takes ten times as long. */
const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);

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
