import type { ElementReference, EnergyGrid } from '../../src/messages/prepared.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';

export type EdgeShape = {
  readonly e0Ev: number;
  readonly fromEv: number;
  readonly toEv: number;
  readonly offset: number;
  readonly slope: number;
  readonly step: number;
  readonly width: number;
  readonly whiteLine: number;
};

/**
 * A smooth edge with a white line and a decaying wiggle; the same formula as workbench/comparison/larch/reference.py.
 */
export function syntheticEdge(shape: EdgeShape): { energyEv: Float64Array; mu: Float64Array } {
  const energies: number[] = [];
  for (let at = shape.fromEv; at <= shape.toEv; ) {
    energies.push(shape.e0Ev + at);
    at += at < -20 ? 5 : at < 40 ? 0.25 : at < 150 ? 1 : 2;
  }
  const energyEv = Float64Array.from(energies);
  const mu = energyEv.map((energy) => {
    const x = energy - shape.e0Ev;
    const wiggle = x > 0 ? 0.1 * shape.step * Math.sin(x / 9) * Math.exp(-x / 80) : 0;
    return (
      shape.offset +
      shape.slope * x +
      shape.step * (0.5 + Math.atan(x / shape.width) / Math.PI) +
      shape.whiteLine * Math.exp(-(((x - 4) / 3) ** 2)) +
      wiggle
    );
  });
  return { energyEv, mu };
}

/**
 * A metal's foil, 1 edge step thick: a shoulder of a fifth of the step at `foilE0Ev`, where the metal's energy is
 * defined, and the rest of the rise 7.5 eV above.
 * @param whiteLine height of a peak behind the rise, which no metal of the first row has
 */
export function syntheticFoil(energyEv: Float64Array, foilE0Ev: number, whiteLine = 0): Float64Array {
  return energyEv.map((energy) => {
    const x = energy - foilE0Ev;
    const rise = x - 7.5;
    return (
      0.3 +
      0.2 * (0.5 + Math.atan(x / 0.8) / Math.PI) +
      0.8 * (0.5 + Math.atan(rise / 2) / Math.PI) +
      whiteLine * Math.exp(-(((rise - 5) / 3) ** 2))
    );
  });
}

export const COBALT: EdgeShape = {
  e0Ev: 7719,
  fromEv: -150,
  toEv: 260,
  offset: 0.7,
  slope: -3e-4,
  step: 1.2,
  width: 1.3,
  whiteLine: 0.5,
};

export const GRID: EnergyGrid = {
  offsetsEv: Float64Array.from(
    { length: 160 },
    (_, i) => -10 + 140 * (0.4 * (i / 159) + 0.6 * (i / 159) ** 2),
  ),
  requiredFromEv: -7,
  requiredToEv: 18,
};

export const REFERENCES: readonly ElementReference[] = [
  {
    element: 'Co',
    edge: 'K',
    referenceEv: 7722,
    shiftsEv: { feff9: 0, feff10: -1.9, measured: 2 },
    foilE0Ev: 7709,
  },
  { element: 'Fe', edge: 'K', referenceEv: 7124, shiftsEv: { feff9: 0, measured: 2 }, foilE0Ev: 7112 },
];

/** A scan with the given fields; the rest as a plain cobalt scan in mode MU. */
export function scanOf(fields: Partial<Scan>): Scan {
  return {
    scanId: 'scan',
    runId: 'run',
    sampleId: 'sample',
    beamline: 'test',
    element: 'Co',
    edge: 'K',
    mode: 'MU',
    energyEv: new Float64Array(),
    ...NO_CHANNELS,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'LIVE',
    metadata: {},
    ...fields,
  };
}

/** Repeatable normal deviates: mulberry32 and Box-Muller. */
export function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
