import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import { covers, offsetsOf, type Site, toGrid } from '../data/dataset.ts';
import type { Random } from '../data/random.ts';

export type Augmentation = {
  /** Noise sigma = largest times u^3, u uniform: mostly clean, sometimes very noisy. */
  readonly noise: number;
  /** Gaussian broadening, sigma up to this, eV, by the calculation's scale: FEFF10 spectra are sharper than FEFF9's. */
  readonly broadeningEv: { readonly feff9: number; readonly feff10: number };
  /** Energy shift, normal, sigma in eV. */
  readonly shiftEv: number;
  /** Relative gain and its change over 100 eV, normal, sigma. */
  readonly gain: number;
  readonly tilt: number;
  /** Constant background, normal, sigma. */
  readonly offset: number;
  /** Share of the spectra whose window is cut shorter, at a random end and start outside the required range. */
  readonly truncation: number;
};

export const AUGMENTATION: Augmentation = {
  noise: 0.1,
  broadeningEv: { feff9: 0.6, feff10: 1.2 },
  shiftEv: 0.2,
  gain: 0.03,
  tilt: 0.03,
  offset: 0.01,
  truncation: 0.5,
};

type Draws = Pick<Random, 'uniform' | 'normal'>;

/** Makes variations of a site's spectrum on the grid, as measurements would differ from it. */
export function augmenter(grid: EnergyGrid, augmentation: Augmentation) {
  const { offsetsEv } = grid;
  const kernels = broadeningKernels(offsetsEv);

  return (site: Site, reference: ElementReference, random: Draws): ModelInput => {
    const shift = augmentation.shiftEv * random.normal();
    const exact = offsetsOf(site, reference);
    const shifted = exact.map((offset) => offset + shift);
    const { mu, mask } = toGrid(covers(shifted, grid) ? shifted : exact, site.mu, offsetsEv);
    if (random.uniform() < augmentation.truncation) truncate(mask, grid, random);

    const width = augmentation.broadeningEv[site.scale] * random.uniform();
    const level = Math.round(width / KERNEL_STEP_EV);
    const blurred = level === 0 ? mu : blur(mu, mask, kernels[Math.min(level, kernels.length) - 1]!);
    const sigma = augmentation.noise * random.uniform() ** 3;
    const gain = 1 + augmentation.gain * random.normal();
    const tilt = augmentation.tilt * random.normal();
    const background = augmentation.offset * random.normal();
    const out = new Float32Array(mu.length);
    for (let i = 0; i < mu.length; i++) {
      if (mask[i] === 0) continue;
      const slope = 1 + (tilt * (offsetsEv[i]! - 13)) / 100;
      out[i] = gain * slope * blurred[i]! + background + sigma * random.normal();
    }
    return { element: site.element, edge: site.edge, mu: out, mask };
  };
}

/** Windows of 35, 60 and 140 eV are all served: any end after the required range, and sometimes a late start. */
function truncate(mask: Float32Array, grid: EnergyGrid, random: Draws): void {
  const { offsetsEv, requiredFromEv, requiredToEv } = grid;
  const last = offsetsEv[offsetsEv.length - 1]!;
  const end = requiredToEv + 1 + (last - requiredToEv) * random.uniform() ** 2;
  const start = random.uniform() < 0.5 ? offsetsEv[0]! : requiredFromEv;
  for (let i = 0; i < mask.length; i++) {
    if (offsetsEv[i]! > end || offsetsEv[i]! < start) mask[i] = 0;
  }
}

const KERNEL_STEP_EV = 0.1;

type Kernel = { readonly first: Int32Array; readonly weights: readonly Float32Array[] };

/** Gaussian weights between bins for sigma 0.1, 0.2, ... 1.5 eV; each bin counts by its width. */
function broadeningKernels(offsetsEv: Float64Array): Kernel[] {
  const bins = offsetsEv.length;
  const width = (i: number) => (offsetsEv[Math.min(i + 1, bins - 1)]! - offsetsEv[Math.max(i - 1, 0)]!) / 2;
  return Array.from({ length: 15 }, (_, level) => {
    const sigma = KERNEL_STEP_EV * (level + 1);
    const first = new Int32Array(bins);
    const weights = Array.from({ length: bins }, (_, i) => {
      const near = Array.from({ length: bins }, (_, j) => j).filter((j) => {
        return Math.abs(offsetsEv[j]! - offsetsEv[i]!) <= 3.5 * sigma;
      });
      first[i] = near[0]!;
      return Float32Array.from(near, (j) => {
        return width(j) * Math.exp(-0.5 * ((offsetsEv[j]! - offsetsEv[i]!) / sigma) ** 2);
      });
    });
    return { first, weights };
  });
}

function blur(mu: Float32Array, mask: Float32Array, { first, weights }: Kernel): Float32Array {
  return mu.map((_, i) => {
    let sum = 0;
    let total = 0;
    weights[i]!.forEach((weight, k) => {
      const j = first[i]! + k;
      sum += weight * mask[j]! * mu[j]!;
      total += weight * mask[j]!;
    });
    return total > 0 ? sum / total : 0;
  });
}
