import { reusedArray } from '../common/reused-array.ts';
import type { ElementReference, EnergyGrid, NoiseEstimate, Prepared } from '../messages/prepared.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { NOTE_KEY, type Scan } from '../messages/scan.ts';
import { absorption } from './absorption.ts';
import { checkCoverage } from './check-coverage.ts';
import { checkEnergies } from './check-energies.ts';
import { checkSteps } from './check-steps.ts';
import { checkUncertainty } from './check-uncertainty.ts';
import { correlatedNoise, correlatedNoiseNote } from './correlated-noise.ts';
import { cropToEdge } from './crop-to-edge.ts';
import { dropFarPoints } from './drop-far-points.ts';
import { type EnergyScale, energyShift, type StandardFoil } from './energy-shift.ts';
import { energySigma, sigmaNote } from './energy-sigma.ts';
import { findDefects } from './find-defects.ts';
import { findE0 } from './find-e0.ts';
import { findOtherEdges } from './find-other-edges.ts';
import { MEAN_PRE_EDGE_EV } from './least-range.ts';
import { locateEdge } from './locate-edge.ts';
import { lowerBound } from './lower-bound.ts';
import { measureNoise } from './measure-noise.ts';
import { meanBetween, type Normalisation, normaliseByMeans, normaliseByPolynomials } from './normalise.ts';
import { orderPoints } from './order-points.ts';
import { repairSpikes } from './repair-spikes.ts';
import { resample } from './resample.ts';
import { thin } from './thin.ts';

/** With so much pre-edge its line can be fitted. */
const LINE_PRE_EDGE_EV = 30;
/** A pre-edge is calm up to here below the metal's edge: 1s-3d lines and core-hole tails lie above. */
const PRE_EDGE_END_EV = -4;
/** Where no post-edge can be fitted, the edge step is the mean over this part of the model's axis. */
const STEP_FROM_EV = 15;
const STEP_TO_EV = 29;
/** A scan without a pre-edge must come normalised: its first points lie within this share of the step around zero. */
const MAX_BASELINE = 0.25;

/** What of a spectrum people are shown, around the metal's edge. */
const SHOWN_FROM_EV = -30;
const SHOWN_TO_EV = 140;
const SHOWN_POINTS = 400;

/** An element's part of the model's energy axis. */
type Axis = {
  readonly reference: ElementReference;
  readonly shiftsEv: ReadonlyMap<string, number>;
  readonly binsEv: Float64Array;
};

type Model = { readonly grid: EnergyGrid; readonly references: readonly ElementReference[] };

/**
 * Makes the function that turns a scan into the model's input, or says why it cannot: absorption, energy scale, edge,
 * normalisation, noise, and resampling to the model's grid. Pure: the same scan gives the same answer.
 */
export function makePrepare(options: Model): (scan: Scan) => Prepared | Reject {
  const prepare = makePrepareWithFoil(options);
  return (scan) => prepare(scan, null);
}

/** The same with what a foil tells of a measured scan's energies in which no reference foil of its own is seen. */
export function makePrepareWithFoil(
  options: Model,
): (scan: Scan, standardFoil: StandardFoil | null) => Prepared | Reject {
  const { grid } = options;
  const axes = new Map(
    options.references.map((reference): [string, Axis] => [
      reference.element,
      {
        reference,
        shiftsEv: new Map(Object.entries(reference.shiftsEv)),
        binsEv: grid.offsetsEv.map((offset) => reference.referenceEv + offset),
      },
    ]),
  );

  return (given, standardFoil) => {
    const axis = axes.get(given.element);
    if (axis === undefined) {
      const known = [...axes.keys()].join(', ');
      return reject('unknown-element', `Expected element to be one of ${known}, got ${given.element}`);
    }
    const { reference, shiftsEv } = axis;
    if (given.edge !== reference.edge) {
      return reject(
        'unknown-edge',
        `Expected edge of ${given.element} to be ${reference.edge}, got ${given.edge}`,
      );
    }
    const energyScale = given.metadata['energy.scale'] ?? 'measured';
    const tableShiftEv = shiftsEv.get(energyScale);
    if (tableShiftEv === undefined) {
      const known = [...shiftsEv.keys()].join(', ');
      return reject(
        'unknown-energy-scale',
        `Expected metadata energy.scale to be one of ${known} for ${given.element}, got ${energyScale}`,
      );
    }

    // The metal's edge on the scan's own scale as far as the table tells; a foil may move it.
    const metalShiftEv = shiftsEv.get('measured') ?? 0;
    const tableEdgeEv = reference.foilE0Ev + metalShiftEv - tableShiftEv;
    const scale = { energyScale, tableShiftEv, standardFoil };
    const told = given.metadata[NOTE_KEY];
    const notes = [told, sigmaNote(given.metadata)].filter((note) => note != null);
    const mended = (change: { readonly scan: Scan; readonly note: string } | null, before: Scan): Scan => {
      if (change !== null) notes.push(change.note);
      return change?.scan ?? before;
    };
    const ordered = mended(orderPoints(given), given);
    const whole = mended(dropFarPoints(ordered, tableEdgeEv), ordered);
    const prepared = prepareOrdered(whole, axis, scale, notes);
    if (!isReject(prepared) || prepared.reason !== 'edge-not-found') return prepared;
    // The steepest rise lies elsewhere: perhaps a sweep over several edges, of which this element's is the weaker.
    const mu = absorption(whole);
    const otherEv = isReject(mu) ? tableEdgeEv : whole.energyEv[findE0(whole.energyEv, mu)]!;
    const part = cropToEdge(whole, tableEdgeEv, otherEv);
    if (part === null) return prepared;
    const again = prepareOrdered(part.scan, axis, scale, [...notes, part.note]);
    return isReject(again) ? prepared : again;
  };

  function prepareOrdered(
    scan: Scan,
    axis: Axis,
    scale: EnergyScale,
    notes: readonly string[],
  ): Prepared | Reject {
    const { energyScale, tableShiftEv } = scale;
    const { reference, shiftsEv, binsEv } = axis;
    const { energyEv } = scan;
    const badEnergies = checkEnergies(energyEv);
    if (badEnergies !== null) return badEnergies;
    const measured = absorption(scan);
    if (isReject(measured)) return measured;
    const metalShiftEv = shiftsEv.get('measured') ?? 0;
    const spikes = repairSpikes(energyEv, measured, reference.foilE0Ev + metalShiftEv - tableShiftEv);
    const mu = spikes?.mu ?? measured;
    const { muSigma } = scan;
    const badSigma = muSigma && checkUncertainty(muSigma, energyEv.length);
    if (badSigma !== null) return badSigma;

    const { energyShiftEv, energyShiftSource, unusable } = energyShift(scan, reference, scale);
    const referenceEv = reference.referenceEv - energyShiftEv;
    const uncovered = checkCoverage(energyEv, grid, referenceEv, () => {
      const e0Ev = energyEv[findE0(energyEv, mu)]!;
      return `its steepest rise is at ${e0Ev.toFixed(1)} eV`;
    });
    if (uncovered !== null) return uncovered;

    // The metal's edge on the scan's own scale. Ranges hang on it and not on the scan's own E0, which noise moves.
    const metalEdgeEv = reference.foilE0Ev + metalShiftEv - energyShiftEv;
    const others = findOtherEdges(energyEv, mu, metalEdgeEv);
    for (const otherEv of others) {
      const part = cropToEdge(scan, metalEdgeEv, otherEv);
      if (part !== null) return prepareOrdered(part.scan, axis, scale, [...notes, part.note]);
    }
    const rawNoise = measureNoise(energyEv, mu, muSigma, metalEdgeEv);
    const label = `${scan.element} ${scan.edge}`;
    const e0 = locateEdge(energyEv, mu, metalEdgeEv, rawNoise.sigma, label);
    if (isReject(e0)) return e0;

    const normalised = normalise(energyEv, mu, e0, metalEdgeEv, referenceEv);
    if (isReject(normalised)) return normalised;
    const { edgeStep } = normalised;
    const infinite = firstInfinite(normalised.mu);
    if (infinite >= 0) {
      return reject(
        'non-finite',
        'Expected mu over the edge step to be a 32-bit number, ' +
          `got ${mu[infinite]!.toPrecision(3)} over ${edgeStep.toPrecision(3)} at index ${infinite}`,
      );
    }
    const noise: NoiseEstimate = {
      preEdge: rawNoise.preEdge / edgeStep,
      postEdge: rawNoise.postEdge / edgeStep,
      sigma: rawNoise.sigma / edgeStep,
      method: rawNoise.method,
    };
    const onGrid = resample(energyEv, normalised.mu, energyShiftEv, binsEv);
    const { meansShiftEv = 0 } = energyScale === 'measured' ? reference : {};
    const movedEv = energyShiftEv + meansShiftEv;
    const moved = meansShiftEv === 0 ? null : resample(energyEv, normalised.mu, movedEv, binsEv);
    // Where the moved scan would no longer reach, it is read as it is.
    const forMeans = moved !== null && coversRequired(moved.mask, grid) ? moved : null;
    const absurd =
      checkSteps(onGrid.mu, edgeStep, energyShiftEv, binsEv) ??
      (forMeans && checkSteps(forMeans.mu, edgeStep, movedEv, binsEv));
    if (absurd !== null) return absurd;
    const energySigmaEv = energySigma(scan, reference, { energyScale, energyShiftSource });
    const bends = correlatedNoise(onGrid, grid.offsetsEv, noise.sigma);
    return {
      input: {
        element: scan.element,
        edge: scan.edge,
        ...onGrid,
        energySigmaEv,
        ...(forMeans !== null && { forMeans }),
      },
      preparation: {
        e0Ev: energyEv[e0]!,
        edgeStep,
        energyShiftEv,
        energyShiftSource,
        energyScale,
        energySigmaEv,
        preEdgeRangeEv: normalised.preEdgeRangeEv,
        postEdgeRangeEv: normalised.postEdgeRangeEv,
        postEdgeDegree: normalised.postEdgeDegree,
        coveredFromEv: Math.max(binsEv[0]!, energyEv[0]! + energyShiftEv),
        coveredToEv: Math.min(binsEv.at(-1)!, energyEv.at(-1)! + energyShiftEv),
        noise,
        hasCorrelatedNoise: bends > 0,
      },
      spectrum: thin(
        energyEv,
        normalised.mu,
        lowerBound(energyEv, metalEdgeEv + SHOWN_FROM_EV),
        lowerBound(energyEv, metalEdgeEv + SHOWN_TO_EV),
        energyShiftEv,
        SHOWN_POINTS,
      ),
      notes: [
        ...notes,
        ...(spikes === null ? [] : [spikeNote(spikes.atEv)]),
        ...(unusable === null ? [] : [foilNote(scan.element, unusable)]),
        ...findDefects(scan, normalised.mu, metalEdgeEv),
        ...(bends > 0 ? [correlatedNoiseNote(bends, noise.sigma)] : []),
      ],
    };
  }
}

/** Index of the first value that is no 32-bit number; -1 where all are. */
function firstInfinite(values: Float64Array): number {
  for (let i = 0; i < values.length; i += 1) if (!(Math.abs(values[i]!) < FLOAT32_END)) return i;
  return -1;
}

/** From here on numbers round to infinity in 32 bits: the largest one and half of its last digit. */
const FLOAT32_END = 2 ** 128 - 2 ** 103;

const spikeNote = (atEv: readonly number[]): string =>
  `a spike at ${atEv.map((ev) => ev.toFixed(1)).join(' and at ')} eV was taken out by a straight line`;

const foilNote = (element: string, why: string): string =>
  `reference-unusable: the reference channel does not look like the foil of ${element}: ${why}; the scan is judged as without one`;

/**
 * Larch's polynomials where there is a pre-edge to fit, else means; a reject where there is no baseline at all. The
 * normalised mu is lost when the next scan is normalised.
 */
function normalise(
  energyEv: Float64Array,
  mu: Float64Array,
  e0: number,
  metalEdgeEv: number,
  referenceEv: number,
): Normalisation | Reject {
  const preEdgeEv = metalEdgeEv - energyEv[0]!;
  const into = arrayOfMu(mu.length);
  if (preEdgeEv >= LINE_PRE_EDGE_EV) {
    return upright(normaliseByPolynomials(energyEv, mu, e0, into), energyEv[e0]!);
  }
  const stepFrom = lowerBound(energyEv, referenceEv + STEP_FROM_EV);
  const stepTo = lowerBound(energyEv, referenceEv + STEP_TO_EV);
  if (stepTo - stepFrom < 3) {
    return reject(
      'grid-not-covered',
      `Expected 3 points or more within ${(referenceEv + STEP_FROM_EV).toFixed(1)} and ` +
        `${(referenceEv + STEP_TO_EV).toFixed(1)} eV for the edge step, got ${stepTo - stepFrom}`,
    );
  }
  const hasBaseline = preEdgeEv >= MEAN_PRE_EDGE_EV;
  const baselineTo = hasBaseline ? Math.max(1, lowerBound(energyEv, metalEdgeEv + PRE_EDGE_END_EV)) : 0;
  if (!hasBaseline) {
    const atStart = meanBetween(mu, 0, 3);
    const pastEdge = meanBetween(mu, stepFrom, stepTo);
    if (Math.abs(atStart) > MAX_BASELINE * Math.abs(pastEdge)) {
      return reject(
        'grid-not-covered',
        `Expected at least ${MEAN_PRE_EDGE_EV} eV of pre-edge, or mu at the start within ${MAX_BASELINE} times mu past ` +
          `the edge, got ${preEdgeEv.toFixed(1)} eV, ${atStart.toPrecision(3)} at the start and ` +
          `${pastEdge.toPrecision(3)} past the edge`,
      );
    }
  }
  return upright(normaliseByMeans(energyEv, mu, e0, baselineTo, stepFrom, stepTo, into), energyEv[e0]!);
}

const arrayOfMu = reusedArray();

/** A normalisation whose edge step is one. */
function upright(normalised: Normalisation, e0Ev: number): Normalisation | Reject {
  const { edgeStep } = normalised;
  if (edgeStep > 0) return normalised;
  return reject(
    'inverted-edge',
    `Expected a positive edge step at ${e0Ev.toFixed(1)} eV, got ${edgeStep.toPrecision(2)}`,
  );
}

function coversRequired(
  mask: Float32Array,
  { offsetsEv, requiredFromEv, requiredToEv }: EnergyGrid,
): boolean {
  return mask.every(
    (value, i) => value === 1 || offsetsEv[i]! < requiredFromEv || offsetsEv[i]! > requiredToEv,
  );
}
