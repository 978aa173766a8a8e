import type { ElementReference, EnergyGrid, ModelInput } from '../../../src/messages/prepared.ts';
import { resample } from '../../../src/spectra/resample.ts';
import { covers, type Site } from '../../data/dataset.ts';
import type { Random } from '../../data/random.ts';
import { distort, drawDistortion } from './distort.ts';
import type { Mixture } from './draw-mixtures.ts';
import { FINE_EV, type FineSpectrum, mixedSpectrum } from './fine-axis.ts';

export type FineSite = Site & { readonly fine: FineSpectrum };

/** Scales that are not in question, and the least and the largest uncertainty of others, eV. */
const ENERGY = { exactShare: 0.3, exactEv: 0.2, leastEv: 0.1, largestEv: 3 } as const;
const GAIN = { factor: 0.03, tilt: 0.03, offset: 0.01, noise: 0.1 } as const;

/**
 * A mixture as an experiment would measure it, on the grid: distorted, on an energy scale that is off by a draw from
 * the uncertainty that the network is told, noisy, cut short.
 * @returns null where it does not cover the required range
 */
export function drawInput(
  { sites, shares }: Mixture<FineSite>,
  { referenceEv: _, ...reference }: ElementReference,
  grid: EnergyGrid,
  random: Random,
): ModelInput | null {
  const [{ scale }] = sites as [FineSite];
  const whole = mixedSpectrum(
    sites.map(({ fine }) => fine),
    shares,
  );
  const { from, mu } = distort(whole, drawDistortion(scale === 'feff10', random), random);
  const energyEv = FINE_EV.subarray(from, from + mu.length);
  if (mu.length < 2 || !covers(energyEv, grid)) return null;

  const exact = random.uniform() < ENERGY.exactShare;
  const energySigmaEv = exact
    ? ENERGY.exactEv
    : ENERGY.leastEv * (ENERGY.largestEv / ENERGY.leastEv) ** random.uniform();
  const drawn = energySigmaEv * random.normal();
  const shiftEv = covers([energyEv[0]! + drawn, energyEv.at(-1)! + drawn], grid) ? drawn : 0;
  const onGrid = resample(energyEv, mu, shiftEv, grid.offsetsEv);
  if (random.uniform() < 0.5) cutShort(onGrid.mask, grid, random);

  const noise = GAIN.noise * random.uniform() ** 3;
  const factor = 1 + GAIN.factor * random.normal();
  const tilt = GAIN.tilt * random.normal();
  const background = GAIN.offset * random.normal();
  const measured = onGrid.mu.map((value, i) => {
    if (onGrid.mask[i] === 0) return 0;
    const slope = 1 + (tilt * (grid.offsetsEv[i]! - 13)) / 100;
    return factor * slope * value + background + noise * random.normal();
  });
  return { element: reference.element, edge: reference.edge, mu: measured, mask: onGrid.mask, energySigmaEv };
}

/** Ends anywhere behind the required range, early ends more often, and sometimes begins late. */
function cutShort(
  mask: Float32Array,
  { offsetsEv, requiredFromEv, requiredToEv }: EnergyGrid,
  random: Random,
) {
  const end = requiredToEv + 1 + (offsetsEv.at(-1)! - requiredToEv) * random.uniform() ** 2;
  const start = random.uniform() < 0.5 ? offsetsEv[0]! : requiredFromEv;
  for (let i = 0; i < mask.length; i += 1) if (offsetsEv[i]! > end || offsetsEv[i]! < start) mask[i] = 0;
}
