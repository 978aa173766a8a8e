import { FatalError } from '../../src/common/errors.ts';
import type { ElementReference } from '../../src/messages/prepared.ts';
import { type Site, toGrid } from '../data/dataset.ts';
import { countsOf, mean, median } from '../report/statistics.ts';

/**
 * K-edge energies of what XANES is measured on, eV (Bearden and Burr, Rev. Mod. Phys. 39, 125, 1967). Elements have
 * this order in a network: add others at the end.
 */
export const FOIL_E0_EV: Readonly<Record<string, number>> = {
  O: 532,
  Ti: 4966,
  V: 5465,
  Cr: 5989,
  Mn: 6539,
  Fe: 7112,
  Co: 7709,
  Ni: 8333,
  Cu: 8979,
  Na: 1072,
  Mg: 1305,
  Al: 1560,
  Si: 1839,
  P: 2146,
  S: 2472,
  Cl: 2822,
  K: 3607,
  Ca: 4038,
  Sc: 4493,
  Zn: 9659,
  Ga: 10367,
  Ge: 11103,
  As: 11867,
  Se: 12658,
  Br: 13474,
  Rb: 15200,
  Sr: 16105,
  Y: 17038,
  Zr: 17998,
  Nb: 18986,
  Mo: 20000,
  Tc: 21044,
  Ru: 22117,
  Rh: 23220,
  Pd: 24350,
  Ag: 25514,
  Cd: 26711,
  In: 27940,
  Sn: 29200,
  Sb: 30491,
  Te: 31814,
  I: 33169,
};

/**
 * eV to add to a calibrated measurement to reach the theory scale: where measured oxides look most like computed ones
 * to SPT (fitted on known standards of V, Cr, Mn, Fe, Ni and Cu on 2026-11-23); for Ti and Co there was none: a guess
 * from their neighbours; of O nothing is known. What the network of means adds to it, fit-measured-means fits.
 */
export const MEASURED_SHIFTS_EV: Readonly<Record<string, number>> = {
  Ti: 0,
  V: -2.5,
  Cr: 2.5,
  Mn: 3,
  Fe: 1.5,
  Co: 2,
  Ni: 0,
  Cu: 2.5,
};

/**
 * Where the axis of an element has its zero, eV, if not at the middle of its edge. Oxygen passes 0.5 already at the
 * peak before its edge (empty 3d states of its neighbours, 531 to 536 eV); FEFF's spectra begin 2.5 eV below that, and
 * all of it must lie on the axis.
 */
const REFERENCE_EV: Readonly<Record<string, number>> = { O: 541 };

/**
 * One reference per element: offset 0 of the grid is the middle of the edge, the median energy at which mu first passes
 * 0.5, over the element's FEFF9 spectra, or its FEFF10 spectra where it has no others. A few spectra of an element that
 * is in no table (battery-feff10 has five of lithium) get none: they are left out.
 * @throws FatalError when so many are of an element that is in no table that it could be taught
 */
export function fitReferences(
  sites: readonly Site[],
  measuredShiftsEv: Readonly<Record<string, number>>,
): ElementReference[] {
  requireEdges(sites);
  const elements = Object.keys(FOIL_E0_EV).filter((element) =>
    sites.some((site) => site.element === element),
  );
  return elements.map((element) => {
    const own = sites.filter((site) => site.element === element);
    const feff9 = own.filter((site) => site.scale === 'feff9');
    const feff10 = own.filter((site) => site.scale === 'feff10');
    const fitted = fitFeff10Shift(feff9, feff10);
    return {
      element,
      edge: 'K',
      referenceEv:
        REFERENCE_EV[element] ?? round(median((feff9.length > 0 ? feff9 : feff10).map(halfRise)), 1),
      shiftsEv: {
        feff9: 0,
        feff10: fitted?.shiftEv ?? 0,
        measured: measuredShiftsEv[element] ?? 0,
      },
      foilE0Ev: FOIL_E0_EV[element]!,
    };
  });
}

/** Fewer spectra of an absorber cannot teach it: it is left out, so that a scan of it is refused and not guessed. */
export const MIN_SPECTRA = 10;

function requireEdges(sites: readonly Site[]): void {
  for (const [element, count] of countsOf(sites.map(({ element }) => element)))
    if (count >= MIN_SPECTRA && FOIL_E0_EV[element] === undefined)
      throw new FatalError(
        `Expected elements whose K edge is known, got ${count} spectra of ${element}: add its energy in eV to FOIL_E0_EV in ` +
          'workbench/training/references.ts, or take these spectra out',
      );
}

/**
 * The energy to add to FEFF10 spectra of an element to reach its FEFF9 scale: the mean spectra of sites with equal
 * oxidation state and coordination number are laid upon each other (each divided by its own mean) from -6 to +16 eV
 * about the edge. FEFF10's are sharper, so that a Gaussian width is fitted with the shift.
 * @param fewest FEFF9 spectra of a kind: a mean of fewer says nothing where the sites differ
 * @returns null when the two sets share no kind of site; error is the mean square difference at the optimum
 */
export function fitFeff10Shift(
  feff9: readonly Site[],
  feff10: readonly Site[],
  fewest = 3,
): { shiftEv: number; sigmaEv: number; error: number; kinds: number } | null {
  const middle = median(feff9.map(halfRise));
  const axis = Float64Array.from({ length: 301 }, (_, i) => middle - 15 + 0.1 * i);
  const kinds = byKind(feff9);
  const pairs = [...byKind(feff10)]
    .filter(([kind]) => (kinds.get(kind)?.length ?? 0) >= fewest)
    .map(([kind, sites]) => {
      return { weight: sites.length, nine: meanSpectrum(kinds.get(kind)!, axis), ten: sites };
    });
  if (pairs.length === 0) return null;

  let best = { shiftEv: 0, sigmaEv: 0, error: Number.POSITIVE_INFINITY, kinds: pairs.length };
  const weights = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const blurs = [0, 0.3, 0.6, 0.9, 1.2, 1.5].map((sigmaEv) => ({ sigmaEv, kernel: gaussian(sigmaEv / 0.1) }));
  for (let tenths = -50; tenths <= 50; tenths++) {
    const shiftEv = tenths / 10;
    const shifted = pairs.map(({ ten }) => {
      return meanSpectrum(
        ten,
        axis.map((e) => e - shiftEv),
      );
    });
    for (const { sigmaEv, kernel } of blurs) {
      const errors = pairs.map(
        ({ weight, nine }, k) => weight * difference(nine, blurred(shifted[k]!, kernel)),
      );
      const error = errors.reduce((a, b) => a + b) / weights;
      if (error < best.error) best = { ...best, shiftEv, sigmaEv, error };
    }
  }
  return best;
}

/** eV at which mu first passes 0.5. */
export function halfRise(site: Pick<Site, 'energyEv' | 'mu'>): number {
  const i = site.mu.findIndex((value) => value >= 0.5);
  if (i <= 0) return site.energyEv[0]!;
  const t = (0.5 - site.mu[i - 1]!) / (site.mu[i]! - site.mu[i - 1]!);
  return site.energyEv[i - 1]! + t * (site.energyEv[i]! - site.energyEv[i - 1]!);
}

function byKind(sites: readonly Site[]): Map<string, Site[]> {
  const kinds = new Map<string, Site[]>();
  for (const site of sites) {
    const { OS, CN } = site.labels;
    if (OS === undefined || CN === undefined) continue;
    kinds.set(`${OS}/${CN}`, [...(kinds.get(`${OS}/${CN}`) ?? []), site]);
  }
  return kinds;
}

/** Mean over the sites that were measured at each energy; NaN where none was. */
function meanSpectrum(sites: readonly Site[], axis: Float64Array): Float64Array {
  const sum = new Float64Array(axis.length);
  const count = new Float64Array(axis.length);
  for (const site of sites) {
    const { mu, mask } = toGrid(site.energyEv, site.mu, axis);
    for (let i = 0; i < axis.length; i++) {
      sum[i]! += mu[i]!;
      count[i]! += mask[i]!;
    }
  }
  return sum.map((value, i) => value / count[i]!);
}

/** Mean square difference from -6 to +16 eV (points 90 to 310 of the axis), each spectrum divided by its mean there. */
function difference(a: Float64Array, b: Float64Array): number {
  const points = Array.from({ length: 211 }, (_, i) => 90 + i).filter((i) => !missing(a[i]! + b[i]!));
  const [meanA, meanB] = [a, b].map((x) => mean(points.map((i) => x[i]!))) as [number, number];
  return mean(points.map((i) => (a[i]! / meanA - b[i]! / meanB) ** 2));
}

/** Weights of a point and its neighbours on one side, out to three sigma. */
function gaussian(sigmaPoints: number): Float64Array {
  if (sigmaPoints === 0) return Float64Array.of(1);
  const reach = Math.ceil(3 * sigmaPoints);
  return Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-0.5 * (k / sigmaPoints) ** 2));
}

function blurred(values: Float64Array, kernel: Float64Array): Float64Array {
  const reach = kernel.length - 1;
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    let weights = 0;
    const end = i + reach < values.length ? i + reach : values.length - 1;
    for (let j = i > reach ? i - reach : 0; j <= end; j++) {
      const value = values[j]!;
      if (missing(value)) continue;
      const weight = kernel[i > j ? i - j : j - i]!;
      sum += weight * value;
      weights += weight;
    }
    out[i] = sum / weights;
  }
  return out;
}

const missing = Number.isNaN;
const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
