import type { Observation, Quantity, WatchedScan } from './change-point.ts';

/**
 * What is known of observations that are no longer held one by one: sums over them, weighted by 1/sigma^2, from which
 * levels and lines are fitted by least squares.
 */
export type WeightedSums = {
  readonly count: number;
  readonly weight: number;
  /** Of hours, and of their squares. */
  readonly hours: number;
  readonly squares: number;
  /** Of the values, and of values times hours, [1] or [bins]. */
  readonly values: Float64Array;
  readonly products: Float64Array;
};

/**
 * By which factor scans that are alike differ by more, or less, than their sigma says: the root of the mean over
 * `count` scans of the `squares` of what they were off by.
 */
export type NoiseScale = { readonly count: number; readonly squares: number };

/** A level that was left. */
export type Level = {
  readonly last: WatchedScan;
  readonly weight: number;
  readonly values: Float64Array;
};

/** What a quantity does while it does not change: stays where it is, or follows a line. */
export type Course = 'level' | 'line';

/** What is known of a quantity of one sample: its segment since the last change, and the levels before. */
export type Watch = {
  readonly course: Course;
  /** Of the segment: the newest observations, and sums over those before them. */
  readonly older: WeightedSums;
  readonly newest: readonly Observation[];
  readonly scale: NoiseScale;
  /** Levels that were left, the newest last; while it drifts, the last of them is where the drift began. */
  readonly levels: readonly Level[];
  /** Slope of a drift, an hour. */
  readonly perHour: Float64Array | null;
};

/** Where the bins of a sample's spectra begin, eV on the model's scale, and what does not count as a change of them. */
export type SpectrumAxis = {
  readonly fromEv: number;
  /** Directions that are left out, orthonormal, [at most 4][bins]. */
  readonly left: readonly Float64Array[];
};

/** What is known of a sample in a run. */
export type SampleWatch = {
  readonly runId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly edge: string;
  /** End of its first scan, ms since 1970: hours count from here. */
  readonly sinceMs: number;
  /** Up to its newest scan. */
  readonly hours: number;
  /** By what the mean oxidation state was read: another reading begins anew. */
  readonly reading: string;
  /** Null until a scan covers the bins. */
  readonly axis: SpectrumAxis | null;
  readonly watches: Readonly<Record<Quantity, Watch>>;
};
