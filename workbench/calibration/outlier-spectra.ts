import type { ElementReference } from '../../src/messages/prepared.ts';
import { offsetsOf, type Site, toGrid } from '../data/dataset.ts';
import type { Random } from '../data/random.ts';

/** Ways in which a spectrum is made to be none of an oxide. */
export const OUTLIER_KINDS = [
  'metallic',
  'half metallic',
  'covalent',
  'stretched',
  'features scaled',
  'smoothed',
  'shifted',
  'waves',
  'dented',
  'bare step',
  'one shell',
  'random walk',
  'strong pre-edge',
] as const;

export type OutlierKind = (typeof OUTLIER_KINDS)[number];

/**
 * A spectrum that no oxide has, made from one that an oxide has: what the classifier of the gate learns to refuse. No
 * measured spectrum goes into it, only what is known in general: a metal's edge begins at its tabulated energy with a
 * shoulder and no white line; sulphides and carbides have weaker features and an edge at lower energy; anything may
 * be miscalibrated, smoothed or distorted.
 */
export function outlierSpectrum(
  kind: OutlierKind,
  site: Site,
  reference: ElementReference,
  random: Pick<Random, 'uniform' | 'normal'>,
): Site {
  const { mu, energyEv } = site;
  const middleEv = onScaleOf(site, reference.referenceEv, reference); // of the edge
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const offset = (i: number): number => energyEv[i]! - middleEv;
  const coin = random.uniform() < 0.5;

  if (kind === 'metallic' || kind === 'half metallic') {
    const whole = fromBelowFoil(site, reference);
    const share = kind === 'metallic' ? 1 : between(0.3, 0.7);
    const other = metal(whole, reference, between, random);
    return { ...whole, mu: whole.mu.map((value, i) => (1 - share) * value + share * other[i]!) };
  }
  if (kind === 'covalent') {
    const share = between(0.1, 0.65);
    const shiftEv = between(-7, 0);
    const smooth = broadened(site, between(0.5, 2.5));
    return {
      ...site,
      energyEv: energyEv.map((energy) => energy + shiftEv),
      mu: smooth.map((value, i) => edge(offset(i), 1.5) + share * (value - edge(offset(i), 1.5))),
    };
  }
  if (kind === 'stretched') {
    const factor = coin ? between(0.6, 0.8) : between(1.25, 1.6);
    return { ...site, energyEv: energyEv.map((energy) => middleEv + factor * (energy - middleEv)) };
  }
  if (kind === 'features scaled') {
    const factor = coin ? between(-1, 0.2) : between(1.7, 2.5);
    return {
      ...site,
      mu: mu.map((value, i) => edge(offset(i), 1.5) + factor * (value - edge(offset(i), 1.5))),
    };
  }
  if (kind === 'smoothed') return { ...site, mu: broadened(site, between(2.5, 6.5)) };
  if (kind === 'shifted') {
    const shiftEv = (coin ? -1 : 1) * between(5, 11);
    return { ...site, energyEv: energyEv.map((energy) => energy + shiftEv) };
  }
  if (kind === 'waves') {
    const [size, period, phase] = [between(0.15, 0.45), between(5, 30), between(0, 2 * Math.PI)];
    const [reach, width, startEv] = [between(15, 75), between(0.8, 2.8), 3 * random.normal()];
    return {
      ...site,
      mu: mu.map((_, i) => {
        const x = offset(i) - startEv;
        const wave = x > 0 ? size * Math.sin((2 * Math.PI * x) / period + phase) * Math.exp(-x / reach) : 0;
        return edge(x, width) * (1 + wave);
      }),
    };
  }
  if (kind === 'bare step') {
    // An edge, with a white line or without, and nothing behind it.
    const [startEv, width] = [2 * random.normal(), between(0.6, 3)];
    const [height, atEv, spread] = [coin ? between(0.1, 1.2) : 0, between(1, 6), between(1, 4)];
    return {
      ...site,
      mu: mu.map((_, i) => {
        const x = offset(i) - startEv;
        return edge(x, width) + height * Math.exp(-(((x - atEv) / spread) ** 2));
      }),
    };
  }
  if (kind === 'one shell') {
    const [startEv, width, distance] = [2 * random.normal(), between(0.8, 2.5), between(1.6, 3)];
    const [size, phase, height] = [between(0.3, 1.2), between(0, 2 * Math.PI), between(0, 0.8)];
    return {
      ...site,
      mu: mu.map((_, i) => {
        const x = offset(i) - startEv;
        const k = Math.sqrt(Math.max(x, 0) * 0.2625); // wave number of the photoelectron, 1/angstrom
        const wave =
          x > 0 ? (size * Math.sin(2 * k * distance + phase) * Math.exp(-0.01 * k * k)) / (1 + k) : 0;
        return edge(x, width) * (1 + wave) + height * Math.exp(-(((x - 3) / 2.5) ** 2));
      }),
    };
  }
  if (kind === 'random walk') {
    const [startEv, width, step] = [2 * random.normal(), between(0.8, 3), between(0.02, 0.07)];
    let walked = 0;
    return {
      ...site,
      mu: mu.map((_, i) => {
        const x = offset(i) - startEv;
        if (x > 0) walked = 0.97 * walked + step * random.normal();
        return edge(x, width) + walked;
      }),
    };
  }
  if (kind === 'strong pre-edge') {
    // As of tetrahedral states above the highest class; vanadium and chromium have it among their oxides.
    const [height, atEv, spread] = [between(0.5, 1), between(-10, -6), between(0.8, 1.6)];
    const far = between(1.5, 4);
    return {
      ...site,
      energyEv: energyEv.map((energy) => energy + far),
      mu: mu.map((value, i) => value + height * Math.exp(-(((offset(i) + far - atEv) / spread) ** 2))),
    };
  }
  const [depth, atEv, width] = [(coin ? -1 : 1) * between(0.15, 0.45), between(4, 12), between(2, 5)];
  return {
    ...site,
    mu: mu.map((value, i) => value + depth * Math.exp(-(((offset(i) - atEv) / width) ** 2))),
  };
}

/** An energy of the element on the scale that a spectrum was computed on. */
const onScaleOf = ({ scale }: Pick<Site, 'scale'>, ev: number, { shiftsEv }: ElementReference): number =>
  ev - (shiftsEv[scale] ?? 0);

const edge = (x: number, width: number): number => 0.5 + Math.atan(x / width) / Math.PI;

/** A scan begins so far below the metal's edge, eV: preparation needs 8. */
const BELOW_FOIL_EV = 25;

/**
 * Theory's spectra of oxides begin above the edge of their metal: this one begins below it, with the tail of an arctan
 * step, which falls as one over the distance from the middle of the edge.
 */
function fromBelowFoil(site: Site, reference: ElementReference): Site {
  const middleEv = onScaleOf(site, reference.referenceEv, reference);
  const [firstEv, firstMu] = [site.energyEv[0]!, site.mu[0]!];
  const count = Math.max(
    0,
    Math.ceil(firstEv - (onScaleOf(site, reference.foilE0Ev, reference) - BELOW_FOIL_EV)),
  );
  const below = Float64Array.from({ length: count }, (_, i) => firstEv - count + i);
  const tail = below.map((energy) => (firstMu * (middleEv - firstEv)) / (middleEv - energy));
  const joined = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
  return { ...site, energyEv: joined(below, site.energyEv), mu: joined(tail, site.mu) };
}

/** Of its step. */
const FOOT = 0.25;

/**
 * A share of a metal as FEFF10 computes it, the rest an oxide of the same element.
 * @param at where the metal's edge lies: as it is computed, some 8 eV late beside computed oxides, or with its foot
 * where the foil's E0 is tabulated, as in measurements
 */
export function withComputedMetal(
  site: Site,
  metal: Site,
  share: number,
  at: 'as computed' | 'foil',
  reference: ElementReference,
): Site {
  const whole = fromBelowFoil(site, reference);
  const offsets = offsetsOf(metal, reference);
  const foot = offsets[metal.mu.findIndex((value) => value >= FOOT)]!;
  const byEv = at === 'foil' ? reference.foilE0Ev - reference.referenceEv - foot : 0;
  const { mu, mask } = toGrid(
    offsets.map((offset) => offset + byEv),
    metal.mu,
    offsetsOf(whole, reference),
  );
  const isInside = (_: number, i: number): boolean => mask[i] === 1;
  return {
    ...whole,
    energyEv: whole.energyEv.filter(isInside),
    mu: whole.mu.map((value, i) => (1 - share) * value + share * mu[i]!).filter(isInside),
  };
}

/** A metal: an edge in two steps from its tabulated energy on, and weak, slow oscillations. */
function metal(
  site: Site,
  reference: ElementReference,
  between: (low: number, high: number) => number,
  random: Pick<Random, 'normal'>,
): Float64Array {
  // Theory's energies are off by an eV or more. Measured foils of V, Fe, Co, Ni and Cu have a shoulder of .3 to .5.
  const startEv = onScaleOf(site, reference.foilE0Ev, reference) + 1.3 * random.normal();
  const [shoulder, riseEv, width] = [between(0.25, 0.55), between(5, 11), between(0.7, 1.9)];
  const [slow, slowPeriod, slowPhase] = [between(0.03, 0.18), between(12, 32), between(0, 2 * Math.PI)];
  const [fast, fastPeriod, fastPhase] = [between(0, 0.12), between(5, 13), between(0, 2 * Math.PI)];
  return site.energyEv.map((energy) => {
    const x = energy - startEv;
    const steps = shoulder * edge(x, width) + (1 - shoulder) * edge(x - riseEv, width + 1.2);
    if (x <= 0) return steps;
    const waves =
      slow * Math.sin((2 * Math.PI * x) / slowPeriod + slowPhase) +
      fast * Math.sin((2 * Math.PI * x) / fastPeriod + fastPhase) * Math.exp(-x / 25);
    return steps * (1 + waves);
  });
}

/** mu under a Gaussian of standard deviation `sigmaEv`; each point counts by the room it has. */
function broadened({ energyEv, mu }: Site, sigmaEv: number): Float64Array {
  const last = mu.length - 1;
  return mu.map((_, i) => {
    let sum = 0;
    let total = 0;
    for (let j = 0; j <= last; j += 1) {
      const distance = (energyEv[j]! - energyEv[i]!) / sigmaEv;
      if (Math.abs(distance) > 3) continue;
      const room = energyEv[Math.min(j + 1, last)]! - energyEv[Math.max(j - 1, 0)]!;
      const weight = room * Math.exp(-0.5 * distance * distance);
      sum += weight * mu[j]!;
      total += weight;
    }
    return sum / total;
  });
}
