/** Where a scan came from: a beamline that is measuring now, or a recording that is played again. */
export type Origin = 'LIVE' | 'REPLAY';

/** How mu(E) is obtained: given as it is, ln(i0/it), or if/i0. */
export type ScanMode = 'MU' | 'TRANSMISSION' | 'FLUORESCENCE';

/**
 * One XANES scan as it was published (schemas/scan.v1.avsc). All arrays have the length of `energyEv`.
 * Nothing has been checked beyond the wire format: the spectra room judges the numbers.
 */
export type Scan = {
  readonly scanId: string;
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  /** Symbol of the absorber, such as `Co`. */
  readonly element: string;
  /** Absorption edge, such as `K`. */
  readonly edge: string;
  readonly mode: ScanMode;
  /** eV, absolute, as the monochromator reported it. */
  readonly energyEv: Float64Array;
  readonly mu: Float64Array | null;
  readonly i0: Float64Array | null;
  readonly it: Float64Array | null;
  readonly if: Float64Array | null;
  /** Absorption of the reference foil measured beside the sample. */
  readonly muReference: Float64Array | null;
  /** Intensity behind the reference foil: muReference = ln(it/iReference). */
  readonly iReference: Float64Array | null;
  /** Standard uncertainty of mu at each point, from counting statistics. */
  readonly muSigma: Float64Array | null;
  /** Milliseconds since 1970, UTC. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Number of the scan in its run, from 0. */
  readonly sequence: number;
  readonly origin: Origin;
  readonly metadata: Readonly<Record<string, string>>;
};

/** Metadata by which whoever made a scan says what there is to know of it; it begins the notes of its event. */
export const NOTE_KEY = 'note';

/** Metadata by which a mean of repeats names their scanIds, as a JSON array. */
export const MEMBERS_KEY = 'accumulation.members';

/** The scans that a scan is the mean of; of a measured one, none. */
export function membersOf(metadata: Readonly<Record<string, string>>): readonly string[] {
  const text = metadata[MEMBERS_KEY];
  if (text === undefined) return [];
  try {
    const members: unknown = JSON.parse(text);
    const areIds = Array.isArray(members) && members.every((each) => typeof each === 'string');
    return areIds ? members : [];
  } catch {
    return []; // whoever wrote it meant something else
  }
}

/** Metadata with the absorbers of a sweep over several edges, separated by commas: each becomes a scan of its own. */
export const SWEEP_ELEMENTS_KEY = 'sweep.elements';

/** Metadata by which the measured part of a scan that still goes on, a preview, names the scanId of the whole. */
export const PARTIAL_OF_KEY = 'partial.of';

/** scanId of the whole that a preview is a part of; null: the scan is whole. */
export const partialOf = (metadata: Readonly<Record<string, string>>): string | null =>
  metadata[PARTIAL_OF_KEY] || null;

/** A scan's channels when it has none, to be spread before those that it has. */
export const NO_CHANNELS = {
  mu: null,
  i0: null,
  it: null,
  if: null,
  muReference: null,
  iReference: null,
  muSigma: null,
} as const;

/** Every channel that a scan may have. */
export const CHANNEL_NAMES = Object.keys(NO_CHANNELS) as readonly (keyof typeof NO_CHANNELS)[];

/** What a scan may hold at the most; larger ones are dead letters. The schema's documentation says the same. */
export const SCAN_BOUNDS = {
  /** Fewest points from which an edge can be normalised. */
  leastPoints: 20,
  points: 20_000,
  /** UTF-16 code units of scanId, runId, sampleId and beamline, each. */
  idLength: 1_024,
  /** Of element and edge. */
  symbolLength: 16,
  metadataEntries: 1_000,
  /** UTF-16 code units of all keys and values together. */
  metadataLength: 400_000,
  /** Bytes of the record's key. */
  keyBytes: 4_096,
  /** eV: no edge that a monochromator reaches lies outside. */
  lowestEnergyEv: 1,
  highestEnergyEv: 200_000,
  /** Larger numbers are what an instrument writes when it has none, such as 9.9e37. */
  largestSignal: 1e30,
  /** Of what Avro's long holds the most that is written: beyond, neighbours are one number. */
  largestSequence: Number.MAX_SAFE_INTEGER - 1,
  /** ms since 1970: 1970 to 2100. */
  earliestMs: 0,
  latestMs: 4_102_444_800_000,
} as const;
