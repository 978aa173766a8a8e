import type { JudgedChange, JudgedMean, MeanMethod, Verdict, VerdictReason } from '../messages/judgement.ts';
import { MEAN_NAMES, type MeanName, type SiteMean, type SiteMeans } from '../messages/prediction.ts';
import type { GateInput } from '../messages/prepared.ts';
import type { Anchors, ReadStandard, ReferenceReading } from '../messages/standard.ts';
import { anchoredMean, halfBetween } from './anchored-mean.ts';
import { atLevel } from './at-level.ts';
import type { GateTable, MeanCalibration, MeasuredMeans } from './gate-table.ts';
import { normalQuantile } from './normal-quantile.ts';
import { rangeOf } from './range-of.ts';
import { edgePosition } from './rulers.ts';

export type JudgedMeans = {
  readonly means: readonly JudgedMean[];
  readonly mixedSites: number | null;
  readonly change: JudgedChange | null;
  /** Set where later scans of the run are to be compared with this one. */
  readonly reference: ReferenceReading | null;
};

/** What is known of the scan besides its means. */
export type MeansContext = {
  /** Of its element; undefined where nothing was calibrated. */
  readonly calibrations: Readonly<Partial<Record<MeanName, MeanCalibration>>> | undefined;
  /** Whether it is noisier than all that was calibrated. */
  readonly tooNoisy: boolean;
  /** 0 within the limit, 1 beyond it, 2 far beyond. */
  readonly outOfDistribution: 0 | 1 | 2;
};

type Half = { readonly value: number; readonly half: number; readonly method: MeanMethod };

/**
 * Makes the function that gives each mean its interval and verdict. Of a measured scan theory is off by more than of a
 * computed one, and standards of the beamline make it unnecessary.
 */
export function makeJudgeMeans(
  { level: ownLevel, measured, offsetsEv }: Pick<GateTable, 'level' | 'measured' | 'offsetsEv'>,
  level = ownLevel,
) {
  const own = widthsOf(ownLevel);
  const stated = widthsOf(level);

  return (
    prepared: GateInput,
    siteMeans: SiteMeans | undefined,
    anchors: Anchors,
    context: MeansContext,
  ): JudgedMeans => {
    if (siteMeans === undefined || offsetsEv === undefined)
      return { means: [], mixedSites: null, change: null, reference: null };
    const isMeasured = prepared.preparation.energyScale === 'measured';
    const means = MEAN_NAMES.map((name): JudgedMean => {
      const calibration = context.calibrations?.[name];
      const read = siteMeans[name];
      const readAt = (widths: Widths): Half =>
        (name === 'OS' && measured !== undefined
          ? fromStandards(prepared, read, anchors, measured, widths)
          : null) ?? byNetwork(read, prepared, calibration, isMeasured, widths);
      const { value, half, method } = readAt(stated);
      const judged = readAt(own);
      const alone =
        judged.method === 'network' ? judged : byNetwork(read, prepared, calibration, isMeasured, own);
      const [verdict, reason] = verdictOn(judged, alone, calibration, context);
      return { name, value, low: value - half, high: value + half, level, verdict, reason, method };
    });
    const { OS, CN, OCN } = siteMeans;
    return {
      means,
      mixedSites: Math.max(OS.mixed, CN.mixed, OCN.mixed),
      change: measured === undefined ? null : changeSince(prepared, OS, anchors, measured),
      reference:
        anchors.reference === null && context.outOfDistribution < 2 ? referenceOf(prepared, OS) : null,
    };
  };

  function byNetwork(
    { mean, sigma }: SiteMean,
    { input }: GateInput,
    calibration: MeanCalibration | undefined,
    isMeasured: boolean,
    { level: at, deviations }: Widths,
  ): Half {
    const half = (calibration === undefined ? deviations : spreadOf(calibration, sigma, at)) * sigma;
    // Coordination was never compared on measured scans of known means: it is taken to be as far off as the state.
    const domain = measured?.domain[input.element] ?? measured?.domain.other ?? 0;
    return {
      value: mean,
      half: isMeasured ? Math.hypot(half, deviations * domain) : half,
      method: 'network',
    };
  }

  function fromStandards(
    { input }: GateInput,
    { mean }: SiteMean,
    { standards }: Anchors,
    { change, anchored }: MeasuredMeans,
    { deviations, widened }: Widths,
  ): Half | null {
    const samples = standards.filter(({ standard }) => standard.known.kind === 'mean-oxidation-state');
    const between = anchoredMean(input, mean, samples, offsetsEv!);
    if (between !== null) {
      const half = widened * halfBetween(between, input.element, anchored);
      return {
        value: between.value,
        half: Math.hypot(half, deviations * between.fromStandards),
        method: 'standards',
      };
    }
    const newest = samples.at(-1);
    if (newest === undefined) return null;
    const { value, uncertainty } = knownOf(newest);
    const movedEv = edgePosition(input, offsetsEv!) - edgePosition(newest.prepared.input, offsetsEv!);
    const byNetwork = mean - newest.prediction.siteMeans!.OS.mean;
    const moved = Number.isFinite(movedEv) ? changeOf(movedEv, byNetwork, change) : byNetwork;
    const half = widened * (change.floor + change.share * Math.abs(moved));
    return { value: value + moved, half: Math.hypot(half, deviations * uncertainty), method: 'one-standard' };
  }

  function changeSince(
    { input }: GateInput,
    { mean }: SiteMean,
    { reference }: Anchors,
    { change }: MeasuredMeans,
  ): JudgedChange | null {
    if (reference === null) return null;
    const movedEv = edgePosition(input, offsetsEv!) - reference.halfEdgeEv;
    const value = changeOf(movedEv, mean - reference.meanOxidationState, change);
    if (!Number.isFinite(value)) return null;
    const half = stated.widened * (change.floor + change.share * Math.abs(value));
    return { name: 'OS', value, low: value - half, high: value + half, level, since: reference.scanId };
  }

  function referenceOf({ input }: GateInput, { mean, sigma }: SiteMean): ReferenceReading | null {
    const halfEdgeEv = edgePosition(input, offsetsEv!);
    return Number.isFinite(halfEdgeEv) ? { meanOxidationState: mean, sigma, halfEdgeEv } : null;
  }
}

/** How many of its sigmas the half of an interval is, by how large the network says that its sigma is. */
function spreadOf({ sigmaEdges, spread, spreadAt }: MeanCalibration, sigma: number, level: number): number {
  const range = rangeOf(sigmaEdges, sigma);
  if (level === FOUND_AT) return spread[range]!;
  const spreads = atLevel({ ...spreadAt, [FOUND_AT]: spread }, level);
  return spreads?.[range] ?? (spread[range]! * normalQuantile(level)) / normalQuantile(FOUND_AT);
}

/** The level that calibration found the table's figures at. */
const FOUND_AT = 0.9;

type Widths = {
  readonly level: number;
  /** Half of such an interval of a normal distribution, in standard deviations. */
  readonly deviations: number;
  /** The same over that at FOUND_AT. */
  readonly widened: number;
};

function widthsOf(level: number): Widths {
  const deviations = normalQuantile(level);
  return { level, deviations, widened: deviations / normalQuantile(FOUND_AT) };
}

/** The mean of two readings of one change: by how far the edge moved, and by what the network reads. */
export function changeOf(
  movedEv: number,
  readChange: number,
  { evPerUnit }: MeasuredMeans['change'],
): number {
  return 0.5 * (movedEv / evPerUnit + readChange);
}

function knownOf({ standard }: ReadStandard): { readonly value: number; readonly uncertainty: number } {
  if (standard.known.kind !== 'mean-oxidation-state') throw new Error('Expected a sample of known state');
  return standard.known;
}

/** @param alone what the network reads without standards */
function verdictOn(
  { value, half, method }: Half,
  alone: Half,
  calibration: MeanCalibration | undefined,
  { tooNoisy, outOfDistribution }: MeansContext,
): [Verdict, VerdictReason] {
  if (outOfDistribution === 2) return ['REJECT', 'out-of-distribution'];
  // A reading between standards asks nothing of the model.
  if (outOfDistribution === 1 && method !== 'standards') return ['FLAG', 'out-of-distribution'];
  if (calibration === undefined) return ['FLAG', 'uncalibrated-element'];
  if (tooNoisy) return ['REJECT', 'noise-above-threshold'];
  // A label is wrong, or the sample is unlike all that the model knows.
  const isApart = Math.abs(value - alone.value) > half + alone.half;
  if (outOfDistribution === 0 && isApart) return ['FLAG', 'standards-disagree'];
  return half > calibration.usefulHalf ? ['FLAG', 'wide-interval'] : ['ACCEPT', 'ok'];
}
