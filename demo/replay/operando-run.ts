import type { Scan } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { type CathodeSeries, mixAt, readCathodeSeries } from './cathode-series.ts';
import { type Random, random } from './random.ts';

export type RunPlan = {
  readonly seed: number;
  /** Cells in the beam by turns. */
  readonly samples: number;
  /** Scans of one run: one charge and one discharge. */
  readonly scans: number;
};

/** What the beamline did to a scan on purpose. */
export type Fault = 'nan' | 'truncated' | 'wrong-element' | 'inverted';

/** What is known of a scan beforehand, to be held against what comes out. */
export type PublishedScan = {
  readonly scanId: string;
  readonly sampleId: string;
  readonly sequence: number;
  readonly endedAtMs: number;
  readonly fault: Fault | null;
  readonly lithium: number;
  readonly noise: number;
};

export type ReplayedScan = {
  readonly known: PublishedScan;
  readonly scan: Scan;
  /** Record for the scans topic. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
};

export type OperandoRun = {
  /** The scan with this number in the run. `runId` and the times are all that does not follow from the plan. */
  scanAt(
    sequence: number,
    at: { readonly runId: string; readonly startedAtMs: number; readonly endedAtMs: number },
  ): ReplayedScan;
};

/** A dead letter keeps the record's headers: by this one it is known whose it is, though its bytes do not decode. */
export const SCAN_ID_HEADER = 'replay-scan-id';

const FAULTS: readonly Fault[] = ['nan', 'truncated', 'wrong-element', 'inverted'];
const FAULT_EVERY = 30;
const FIRST_FAULT = 11;

const QUIET_NOISE = 0.002;
const BAD_BEAM_NOISE = 0.08;
/** Of the run. */
const BAD_BEAM_FROM = 0.6;
const BAD_BEAM_TO = 0.8;

/** Axis of a quick-XAS scan over the Co K edge as FEFF10 places it, eV. FEFF's spectra begin at the last of these. */
const PRE_EDGE_FROM_EV = 7620;
const PRE_EDGE_STEPS_EV = [
  { toEv: 7695, stepEv: 2.5 },
  { toEv: 7713, stepEv: 0.5 },
] as const;
const EDGE_EV = 7727;

/**
 * An operando experiment on Li_xCoO2 cells as a beamline would publish it: x from 1 to 0 and back, the cells at
 * different places of the cycle, raw transmission channels with background, thickness, a beam that flickers, and a
 * period of bad beam. A few scans are broken. The same plan gives the same scans.
 */
export function operandoRun(plan: RunPlan, series: CathodeSeries = readCathodeSeries()): OperandoRun {
  const cells = Array.from({ length: plan.samples }, (_, i) =>
    makeCell(random(plan.seed, i), i, plan.samples),
  );
  const axis = scanAxis(series.energyEv);

  return {
    scanAt(sequence, { runId, startedAtMs, endedAtMs }) {
      const cell = cells[sequence % cells.length]!;
      const chance = random(plan.seed, plan.samples, sequence);
      const progress = sequence / plan.scans;
      const lithium = lithiumAt(progress + cell.phase);
      const noise = noiseAt(progress) * (0.9 + 0.2 * chance.uniform());
      const fault = faultAt(sequence);
      const { i0, it } = measure(axis, axis.extend(mixAt(series, lithium)), cell, noise, progress, chance);
      if (fault === 'nan') it[Math.floor(it.length * chance.uniform())] = Number.NaN;

      const scan: Scan = {
        scanId: `${runId}-${String(sequence).padStart(6, '0')}`,
        runId,
        sampleId: cell.sampleId,
        beamline: 'REPLAY-XAS',
        element: fault === 'wrong-element' ? 'Cu' : 'Co',
        edge: 'K',
        mode: 'TRANSMISSION',
        energyEv: axis.energyEv,
        mu: null,
        i0: fault === 'inverted' ? it : i0,
        it: fault === 'inverted' ? i0 : it,
        if: null,
        muReference: null,
        iReference: null,
        muSigma: null,
        startedAtMs,
        endedAtMs,
        sequence,
        origin: 'REPLAY',
        metadata: {
          'energy.scale': 'feff10',
          'cell.lithium': lithium.toFixed(4),
          'truth.meanOxidationState': (4 - lithium).toFixed(4),
          'truth.noise': noise.toFixed(5),
        },
      };
      const { value, headers } = encodeScan(scan);
      const kept = fault === 'truncated' ? value.subarray(0, Math.floor(value.length * 0.6)) : value;
      const { scanId, sampleId } = scan;
      return {
        known: { scanId, sampleId, sequence, endedAtMs, fault, lithium, noise },
        scan,
        key: sampleId,
        value: kept,
        headers: { ...headers, [SCAN_ID_HEADER]: scanId },
      };
    },
  };
}

/** Known in advance, so that whoever replays can say which scans must end as dead letters. */
export function faultAt(sequence: number): Fault | null {
  if (sequence % FAULT_EVERY !== FIRST_FAULT) return null;
  return FAULTS[Math.floor(sequence / FAULT_EVERY) % FAULTS.length]!;
}

/** Lithium left in the cathode at `cycle` cycles: 1 when discharged, 0 when charged. */
export function lithiumAt(cycle: number): number {
  return Math.abs(1 - 2 * (cycle - Math.floor(cycle)));
}

/** Standard deviation of one point of the normalised scan, at `progress` of the run (0 to 1). */
export function noiseAt(progress: number): number {
  const badness = (progress - BAD_BEAM_FROM) / (BAD_BEAM_TO - BAD_BEAM_FROM);
  if (badness <= 0 || badness >= 1) return QUIET_NOISE;
  return QUIET_NOISE + (BAD_BEAM_NOISE - QUIET_NOISE) * Math.sin(Math.PI * badness) ** 2;
}

type Cell = {
  readonly sampleId: string;
  /** Cycles ahead of the first cell. */
  readonly phase: number;
  /** Absorbance of the cobalt's edge, and of everything else at the edge. */
  readonly edgeStep: number;
  readonly background: number;
};

const makeCell = (chance: Random, index: number, cells: number): Cell => ({
  sampleId: `LiCoO2-cell-${index + 1}`,
  phase: index / (4 * cells),
  edgeStep: 0.7 + 0.5 * chance.uniform(),
  background: 0.5 + 0.5 * chance.uniform(),
});

type Axis = {
  readonly energyEv: Float64Array;
  /** Puts the pre-edge, which FEFF does not cover, before a spectrum of the series. */
  extend(mu: Float64Array): Float64Array;
};

function scanAxis(seriesEv: Float64Array): Axis {
  const before: number[] = [];
  let energy = PRE_EDGE_FROM_EV;
  for (const { toEv, stepEv } of PRE_EDGE_STEPS_EV) {
    for (; energy < toEv; energy += stepEv) before.push(energy);
  }
  const firstEv = seriesEv[0]!;
  const distance = (ev: number): number => EDGE_EV - ev;
  return {
    energyEv: Float64Array.of(...before, ...seriesEv),
    extend(mu) {
      // The edge's tail as a power of the distance, with the value and the slope that FEFF has where it begins.
      const slope = (mu[1]! - mu[0]!) / (seriesEv[1]! - firstEv);
      const power = (slope * distance(firstEv)) / mu[0]!;
      const tail = before.map((ev) => mu[0]! * (distance(firstEv) / distance(ev)) ** power);
      return Float64Array.of(...tail, ...mu);
    },
  };
}

/** Intensities before and behind the sample, arbitrary units of an ion chamber. */
function measure(
  axis: Axis,
  mu: Float64Array,
  cell: Cell,
  noise: number,
  progress: number,
  chance: Random,
): { i0: Float64Array; it: Float64Array } {
  // The film's thickness breathes a little as lithium leaves and returns.
  const edgeStep = cell.edgeStep * (1 + 0.02 * Math.sin(2 * Math.PI * (progress + cell.phase)));
  const current = 180 + 20 * Math.cos(20 * Math.PI * progress);
  const i0 = new Float64Array(mu.length);
  const it = new Float64Array(mu.length);
  let flicker = 0;
  for (let i = 0; i < mu.length; i++) {
    flicker = 0.95 * flicker + 0.003 * chance.normal();
    // Everything but the edge falls with the third power of the energy (Victoreen).
    const background = cell.background * (EDGE_EV / axis.energyEv[i]!) ** 3;
    i0[i] = current * (1 + flicker);
    it[i] = i0[i]! * Math.exp(-(background + edgeStep * (mu[i]! + noise * chance.normal())));
  }
  return { i0, it };
}
