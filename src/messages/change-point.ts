/** What is watched of a sample. */
export const QUANTITIES = ['MEAN_OXIDATION_STATE', 'SPECTRUM'] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** How a quantity changes: to another level at once, from scan to scan, no longer, or back to a former level. */
export const CHANGE_KINDS = ['STEP', 'DRIFT', 'STEADY', 'RETURN'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A scan as far as it is named by what rests on it. */
export type WatchedScan = { readonly scanId: string; readonly endedAtMs: number };

/** One value of a quantity: numbers that are watched together, [1] or [bins]. */
export type Observation = WatchedScan & {
  /** Hours since some moment, the same for all observations of a sample; never less than that before. */
  readonly hours: number;
  /** Standard deviation of each number between scans that are alike, but for a factor that is learned. */
  readonly sigma: number;
  readonly values: Float64Array;
};

/** A moment from which on a quantity differs, and the evidence. */
export type Finding = {
  readonly kind: ChangeKind;
  /** Probability that it is a change and no noise. */
  readonly confidence: number;
  /** The last scan before the change, and those after it that it rests on. */
  readonly before: WatchedScan;
  readonly after: readonly WatchedScan[];
  /** Difference of the level after from that before, [1] or [bins]; of a drift, up to its newest scan. */
  readonly difference: Float64Array;
  /** Standard deviation of each number of `difference`. */
  readonly sigma: number;
  /** Of a drift, `difference` an hour. */
  readonly perHour: Float64Array | null;
  /** Of a return, the last scan of the former level. */
  readonly returnedTo: WatchedScan | null;
};
