import type { ReadStandard } from '../messages/standard.ts';
import type { MeasuredMeans } from './gate-table.ts';
import { type Combination, edgePosition, linearCombination, type OnGrid } from './rulers.ts';

/** A reading of the mean oxidation state, before an interval is given to it. */
export type AnchoredReading = {
  readonly value: number;
  /** Standard deviation between the readings that it is the mean of. */
  readonly spread: number;
  /** Between the two standards that lie next to it, in oxidation states. */
  readonly span: number;
  /** How far it lies beyond all standards, in oxidation states. */
  readonly beyond: number;
  /** Standard uncertainty that comes with what is known of the standards. */
  readonly fromStandards: number;
};

type Anchor = {
  readonly scan: OnGrid;
  readonly position: number;
  readonly value: number;
  readonly uncertainty: number;
  /** As the network reads it. */
  readonly read: number;
};

/** Standards that are closer than this say nothing of what lies between. */
const LEAST_SPAN = 0.15;
/** Of that span; less is noise. */
const LEAST_MOVEMENT = 0.3;
/** The edge moves by 1.5 to 4 eV a unit; where it moves by less, structure moves it, and a line says nothing. */
const LEAST_EV_PER_UNIT = 0.5;
/**
 * Of measured standards a unit apart the spectra differ by 0.15 to 0.6 of the edge step, root mean square; where it is
 * less they are one spectrum with noise, and a combination of them says nothing.
 */
const LEAST_DIFFERENCE = 0.05;

/**
 * The mean oxidation state of a scan between two or more samples of known state that were measured at its beamline: the
 * mean of four readings that need no theory, and of the network's. Two lines through the standards, by the middle of
 * the edge and by the mean of its levels; two linear combinations of the two standards that leave least, of spectra
 * and of their derivatives; the line through what the network reads of the standards, which counts twice, where it
 * tells them apart. Which of them is best changes from series to series; their mean was better on the whole than each
 * (docs/workbench/site-means.md).
 * @param read the mean oxidation state of the scan as the network reads it
 * @returns null where the standards are fewer than two, or too alike
 */
export function anchoredMean(
  scan: OnGrid,
  read: number,
  standards: readonly ReadStandard[],
  offsetsEv: ArrayLike<number>,
): AnchoredReading | null {
  const anchors = standards.flatMap(({ standard, prepared, prediction }): Anchor[] => {
    if (standard.known.kind !== 'mean-oxidation-state') return [];
    const { value, uncertainty } = standard.known;
    const position = edgePosition(prepared.input, offsetsEv);
    const anchorRead = prediction.siteMeans?.OS.mean ?? Number.NaN;
    return [{ scan: prepared.input, position, value, uncertainty, read: anchorRead }];
  });
  const values = anchors.map(({ value }) => value);
  const span = Math.max(...values) - Math.min(...values);
  if (anchors.length < 2 || span < LEAST_SPAN) return null;

  const half = (each: OnGrid) => edgePosition(each, offsetsEv, [0.5]);
  const leastEv = LEAST_EV_PER_UNIT * span;
  const lines = [
    ...lineWhereApart(
      anchors.map(({ scan: each, value }) => [half(each), value]),
      half(scan),
      leastEv,
    ),
    ...lineWhereApart(
      anchors.map(({ position, value }) => [position, value]),
      edgePosition(scan, offsetsEv),
      leastEv,
    ),
  ];
  const readings = [
    ...lines,
    ...byCombinations(scan, anchors, offsetsEv),
    ...byNetwork(read, anchors, span),
  ].filter(Number.isFinite);
  if (readings.length < 2) return null;
  const value = mean(readings);
  const spread = Math.sqrt(mean(readings.map((each) => (each - value) ** 2)));
  const fromStandards = Math.sqrt(mean(anchors.map(({ uncertainty: u }) => u * u)));
  const beyond = Math.max(0, Math.min(...values) - value, value - Math.max(...values));
  return { value, spread, span: spanAt(value, values), beyond, fromStandards };
}

/**
 * Half of the interval of such a reading, at the level that its factors were found at: a multiple of a floor and of
 * what the readings differ by, and of what all of them may be off by alike: a share of the standards' distance, and of
 * how far the reading lies beyond all standards.
 */
export function halfBetween(
  { spread, span, beyond }: Pick<AnchoredReading, 'spread' | 'span' | 'beyond'>,
  element: string,
  { floor, ofSpan, ofBeyond, factor }: MeasuredMeans['anchored'],
): number {
  return (factor[element] ?? factor.other) * (floor + Math.hypot(spread, ofSpan * span, ofBeyond * beyond));
}

/** Between the standards that a value lies between; beyond all of them, between the two on its side. */
function spanAt(value: number, known: readonly number[]): number {
  const sorted = [...known].sort((a, b) => a - b);
  const ends = sorted.slice(1).map((high, i) => [sorted[i]!, high] as const);
  const apart = ends.filter(([low, high]) => high - low >= LEAST_SPAN);
  const beside = apart.find(([, high]) => value <= high) ?? apart.at(-1) ?? [sorted[0]!, sorted.at(-1)!];
  return beside[1] - beside[0];
}

/** The network's reading, twice; none where it moves by too little between the standards. */
function byNetwork(read: number, anchors: readonly Anchor[], span: number): number[] {
  const points = anchors.map((anchor) => [anchor.read, anchor.value] as const);
  return lineWhereApart(points, read, LEAST_MOVEMENT * span).flatMap((value) => [value, value]);
}

/** The line through points, at a position; none where their positions differ by less than `least`: it would leap. */
function lineWhereApart(
  points: readonly (readonly [number, number])[],
  at: number,
  least: number,
): readonly number[] {
  const positions = points.map(([position]) => position);
  return Math.max(...positions) - Math.min(...positions) < least ? [] : [lineThrough(points, at)];
}

/** Least squares of value on position; NaN where a position is unknown. */
function lineThrough(points: readonly (readonly [number, number])[], at: number): number {
  const x = mean(points.map(([position]) => position));
  const y = mean(points.map(([, value]) => value));
  const along = points.reduce((sum, [position, value]) => sum + (position - x) * (value - y), 0);
  const square = points.reduce((sum, [position]) => sum + (position - x) ** 2, 0);
  return square > 0 ? y + (along / square) * (at - x) : Number.NaN;
}

/** Of all pairs of standards those whose combinations leave least of the scan: of spectra, and of their slopes. */
function byCombinations(
  scan: OnGrid,
  anchors: readonly Anchor[],
  offsetsEv: ArrayLike<number>,
): readonly number[] {
  const pairs = anchors.flatMap((first, i) => anchors.slice(i + 1).map((second) => [first, second] as const));
  const combined = pairs.flatMap(([first, second]) => {
    const distance = second.value - first.value;
    if (Math.abs(distance) < LEAST_SPAN) return [];
    const of = (slopes: boolean) => linearCombination(scan, first.scan, second.scan, offsetsEv, slopes);
    const spectra = of(false);
    if (spectra.difference < LEAST_DIFFERENCE * Math.abs(distance)) return [];
    // Over the span, so that a pair which lies far apart does not win by its size.
    const read = ({ share, residual }: Combination) => ({
      left: residual * Math.abs(distance),
      value: first.value + share * distance,
    });
    return [{ spectra: read(spectra), slopes: read(of(true)) }];
  });
  const none = { left: Number.POSITIVE_INFINITY, value: Number.NaN };
  return (['spectra', 'slopes'] as const).map(
    (by) => combined.reduce((best, { [by]: each }) => (each.left < best.left ? each : best), none).value,
  );
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
