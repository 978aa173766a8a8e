import type { Random } from '../../data/random.ts';
import { FINE, type FineSpectrum } from './fine-axis.ts';
import { smoothed } from './smoothed.ts';

/** What a sample and an instrument do to a spectrum, by stated amounts; zero, or `clip` 1, is nothing. */
export type Distortion = {
  /** Gaussian broadening, standard deviation, eV. */
  readonly broadeningEv: number;
  /** Self-absorption of fluorescence: mu becomes mu (1 + a) / (1 + a mu), its step kept. */
  readonly selfAbsorption: number;
  /** Share of the light that misses a sample of this thickness in edge steps (transmission). */
  readonly leakage: number;
  readonly thickness: number;
  /** mu is cut at this share of its maximum near the edge. */
  readonly clip: number;
  /** A detector's step of so many edge steps at an energy, eV about the middle of the edge. */
  readonly jump: number;
  readonly jumpAtEv: number;
  /** Noise of neighbouring points alike over 1.5 eV, standard deviation over the edge step. */
  readonly correlatedNoise: number;
};

export const UNDISTORTED: Distortion = {
  broadeningEv: 0,
  selfAbsorption: 0,
  leakage: 0,
  thickness: 2.5,
  clip: 1,
  jump: 0,
  jumpAtEv: 0,
  correlatedNoise: 0,
};

type Draws = Pick<Random, 'uniform' | 'normal'>;

const CORRELATED_OVER_EV = 1.5;

/** @returns a new spectrum on the same points */
export function distort({ from, mu }: FineSpectrum, by: Distortion, random: Draws): FineSpectrum {
  let y = by.broadeningEv > 0 ? smoothed(mu, by.broadeningEv / FINE.stepEv) : mu.slice();
  const { selfAbsorption: a, leakage, thickness } = by;
  if (a > 0) y = y.map((value) => (value * (1 + a)) / (1 + a * Math.max(value, 0)));
  if (leakage > 0) {
    const seen = (value: number) => -Math.log((1 - leakage) * Math.exp(-thickness * value) + leakage);
    const step = seen(1);
    y = y.map((value) => seen(value) / step);
  }
  const offset = (i: number): number => FINE.firstEv + FINE.stepEv * (from + i);
  if (by.clip < 1) {
    let top = Number.NEGATIVE_INFINITY;
    y.forEach((value, i) => {
      if (offset(i) > -5 && offset(i) < 20 && value > top) top = value;
    });
    y = y.map((value) => Math.min(value, by.clip * top));
  }
  if (by.jump !== 0) y = y.map((value, i) => value + (offset(i) > by.jumpAtEv ? by.jump : 0));
  if (by.correlatedNoise > 0) {
    const noise = smoothed(
      Float64Array.from(y, () => random.normal()),
      CORRELATED_OVER_EV / FINE.stepEv,
    );
    const spread = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
    y = y.map((value, i) => value + (by.correlatedNoise * noise[i]!) / spread);
  }
  return { from, mu: y };
}
