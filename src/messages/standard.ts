import type { Prediction } from './prediction.ts';
import type { Prepared } from './prepared.ts';
import type { Scan } from './scan.ts';

/** What is known of a standard: that it is the foil of its element, or the mean oxidation state of its absorbers. */
export type KnownOfStandard =
  | { readonly kind: 'foil' }
  | {
      readonly kind: 'mean-oxidation-state';
      readonly value: number;
      /** Standard uncertainty of `value`. */
      readonly uncertainty: number;
    };

/** A scan of something known, measured where later scans are measured (schemas/standard.v1.avsc). */
export type Standard = {
  readonly standardId: string;
  /** Scans of this beamline alone are read with it. */
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  /** ms since 1970: scans that end from here on, */
  readonly validFromMs: number;
  /** and before this, are read with it; null: no end is known. */
  readonly validUntilMs: number | null;
  readonly known: KnownOfStandard;
  readonly scan: Scan;
};

/** What is beyond is refused, as is what is beyond SCAN_BOUNDS. */
export const STANDARD_BOUNDS = {
  largestOxidationState: 9,
  /** Standards that one processor holds. */
  standards: 10_000,
  /** Samples that one scan is read with: the newest. */
  samplesOfScan: 64,
} as const;

/** A standard as the model reads it, once. */
export type ReadStandard = {
  readonly standard: Standard;
  readonly prepared: Prepared;
  readonly prediction: Prediction;
};

/** What is kept of a scan for later ones to be compared with. */
export type ReferenceReading = {
  readonly meanOxidationState: number;
  /** Standard uncertainty of the mean, in units of oxidation state. */
  readonly sigma: number;
  /** eV, on the model's scale: where the normalised edge passes one half. */
  readonly halfEdgeEv: number;
};

/** Scans that are compared with one another. */
export type RunKey = Pick<Scan, 'runId' | 'sampleId' | 'element' | 'edge'>;

/** What later scans of a run, a sample and an edge are compared with: the first of them that was accepted. */
export type RunReference = RunKey & ReferenceReading & { readonly scanId: string };

/** A reference with where it came from, which decides for which scans it counts. */
export type KeptReference = {
  readonly reference: RunReference;
  /** Of the model that read it. */
  readonly modelHash: string;
  /** Identity of the scans topic that its scan lay in, and the offset there. */
  readonly scansTopic: string;
  readonly offset: bigint;
};

/** What a scan is judged beside. */
export type Anchors = {
  /** Those that apply to the scan, as the model reads them. */
  readonly standards: readonly ReadStandard[];
  /** Of the scan's run, sample and edge; null: there is none yet, and this scan may become it. */
  readonly reference: RunReference | null;
};

export const NO_ANCHORS: Anchors = { standards: [], reference: null };
